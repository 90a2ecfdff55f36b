// What every identity provider must do, whatever its driver. A driver's test calls `testProvider` with a way to make one
// whose person is known; further drivers, also those of others, run the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '#kernel'
import type { Callback, IdentityProvider, PasswordForm, PasswordProvider, Proof, RedirectProvider } from './provider.ts'

export interface ProviderUnderTest {
  readonly provider: IdentityProvider
  /** Whom the provider knows. */
  readonly person: { readonly username: string; readonly password: string }
  /** For providers that redirect: logs the person in there. @returns the callback that the provider sends the browser to */
  readonly visit?: (url: string) => Promise<Callback>
  /** What an address that begins a login says of us; by the parameters of OAuth unless given. */
  readonly readBegun?: (url: URL) => Begun
  /** Its answer has nothing but the state to belong to a login by, so it keeps nothing for `complete`. */
  readonly keepsNothing?: true
  /** Its names mean somebody only together with the issuer, so that accounts are kept with both. */
  readonly namesByIssuer?: true
  readonly close: () => Promise<void>
}

export interface Begun {
  readonly state: string | null
  readonly redirectUri: string | null
}

const REDIRECT_URI = 'https://gate.test/auth/callback/sso'

/** @param create makes a provider of its own for each test, with the id `sso` and this redirect URI: `https://gate.test/auth/callback/sso` */
export function testProvider(driver: string, create: () => Promise<ProviderUnderTest>): void {
  const testWith = (name: string, run: (subject: ProviderUnderTest) => Promise<void>): void => {
    test(`${driver}: ${name}`, async () => {
      const subject = await create()
      try {
        await run(subject)
      } finally {
        await subject.close()
      }
    })
  }

  testWith('says what it is', async ({ provider }) => {
    assert.equal(provider.id, 'sso')
    assert.ok(provider.label.length > 0)
    assert.equal(provider.type, driver)
    assert.ok(Object.isFrozen(provider))
  })

  testWith('proves the same person each time, by a name that does not change', async (subject) => {
    const first = await prove(subject)
    const second = await prove(subject)
    assert.equal(first.identity.provider, 'sso')
    assert.match(first.identity.subject, /^[^\p{Cc}]{1,255}$/u)
    assert.deepEqual(second.identity.subject, first.identity.subject)
    for (const text of [first.identity.issuer, first.identity.username, first.identity.displayName])
      assert.ok(text.length > 0)
    assert.equal(first.identity.formerIssuers !== undefined, subject.namesByIssuer ?? false)
    assert.ok(first.identity.groups.every((group) => typeof group === 'string' && group.length > 0))
  })

  testWith('brings a credential if and only if it says so, and shows no secret of it', async (subject) => {
    const { credential } = await prove(subject)
    assert.equal(credential !== undefined, subject.provider.yieldsCredential)
    assert.doesNotMatch(JSON.stringify(credential ?? {}), /CANARY/)
  })

  testWith('says when a person logged in whom it had to ask, or that it cannot', async (subject) => {
    const { provider } = subject
    // Of a password that was typed here, the flow knows when.
    if (provider.kind === 'password') return
    const { authenticatedAt } = await prove(subject, { mustBeFresh: provider.canBeFresh })
    if (provider.canBeFresh) assert.ok(Math.abs((authenticatedAt ?? 0) - Date.now()) < 60_000, String(authenticatedAt))
    else assert.equal(authenticatedAt, undefined)
  })

  testWith('refuses everybody else', async (subject) => {
    const { provider } = subject
    if (provider.kind === 'password') await refusesPasswords(provider, subject.person)
    else await refusesCallbacks(provider, subject)
  })
}

async function prove(subject: ProviderUnderTest, how: { readonly mustBeFresh?: boolean } = {}): Promise<Proof> {
  const { provider, person, visit } = subject
  if (provider.kind === 'redirect') {
    const { url, data } = await begin(provider, subject, 'a-state', how)
    return provider.complete((await visit?.(url)) ?? assert.fail('no way to visit'), data, 'a-state')
  }
  const verification = await provider.verify({ ...person, clientAddress: '192.0.2.7' })
  assert.equal(verification.kind, 'proven')
  return verification.kind === 'proven' ? verification.proof : assert.fail()
}

async function begin(
  provider: RedirectProvider,
  { readBegun = readOAuth, keepsNothing }: ProviderUnderTest,
  state: string,
  how: { readonly mustBeFresh?: boolean } = {},
) {
  const { urlFor, data } = await provider.begin({ redirectUri: REDIRECT_URI, ...how })
  const url = new URL(await urlFor(state))
  assert.deepEqual(readBegun(url), { state, redirectUri: REDIRECT_URI })
  assert.ok(Object.values(data).every((value) => typeof value === 'string'))
  assert.equal(Object.keys(data).length === 0, keepsNothing === true)
  return { url: url.href, data }
}

const readOAuth = ({ searchParams }: URL): Begun => ({
  state: searchParams.get('state'),
  redirectUri: searchParams.get('redirect_uri'),
})

async function refusesPasswords(
  provider: PasswordProvider,
  { username, password }: ProviderUnderTest['person'],
): Promise<void> {
  const form = (changes: Partial<PasswordForm>) => ({ username, password, clientAddress: '192.0.2.7', ...changes })
  const wrong = await provider.verify(form({ password: 'wrong' }))
  assert.equal(wrong.kind, 'refused')
  for (const changes of [
    { username: 'nobody' },
    { username: '' },
    { username: `${username}\u0000` },
    { username: `${username}'--` },
    { username: 'x'.repeat(10_000) },
    { password: '' },
    { password: `${password}x` },
    { password: `${password}\u0000` },
    { password: password.toUpperCase() },
    { password: 'x'.repeat(10_000) },
  ]) {
    // To the last word: an answer that differs would tell which names exist.
    assert.deepEqual(await provider.verify(form(changes)), wrong, JSON.stringify(changes).slice(0, 80))
  }
}

async function refusesCallbacks(provider: RedirectProvider, subject: ProviderUnderTest): Promise<void> {
  const { url, data } = await begin(provider, subject, 'one')
  const callback = (await subject.visit?.(url)) ?? assert.fail('no way to visit')
  const other = await begin(provider, subject, 'two')
  const denied = (error: unknown): boolean => error instanceof GatewayError && error.code === 'login.notProven'
  await assert.rejects(provider.complete(callback, data, 'two'), denied)
  if (subject.keepsNothing !== true) {
    await assert.rejects(provider.complete(callback, {}, 'one'), denied)
    await assert.rejects(provider.complete(callback, other.data, 'one'), denied)
  }
  const empty = { url: new URL(REDIRECT_URI), rawHeaders: [], peer: '192.0.2.7' }
  await assert.rejects(provider.complete(empty, data, 'one'), denied)
}
