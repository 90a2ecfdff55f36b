// `gatehouse init` and `gatehouse doctor` with the kinds of OpenID providers: each is recognised by what it publishes, and
// what is to be done there is said.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Secret } from '#kernel'
import { type EchoUpstream, startEchoUpstream } from '../../../test/support/echo-upstream.ts'
import { createAccounts } from '../../../test/support/oidc-provider.ts'
import { makeDirectory, removeDirectory } from '../../../test/support/programs.ts'
import { runCommand } from '../../../test/support/run-command.ts'
import { startTamperingProvider, type TamperingProvider } from '../../../test/support/tampering-provider.ts'
import { gitlab } from '../../../test/support/vendors/gitlab.ts'
import { keycloak } from '../../../test/support/vendors/keycloak.ts'
import { plain, type Vendor } from '../../../test/support/vendors/vendor.ts'
import type { Finding } from '../doctor/finding.ts'
import { detectProfile, recognise } from './provider-profiles.ts'

const root = makeDirectory('profiles')
let service: EchoUpstream
before(async () => {
  service = await startEchoUpstream()
})
after(async () => {
  await service.close()
  removeDirectory(root)
})

const start = (vendor: Vendor): Promise<TamperingProvider> =>
  startTamperingProvider({
    vendor,
    accounts: createAccounts(),
    clients: [
      {
        clientId: 'gatehouse',
        clientSecret: new Secret('CANARY'),
        redirectUris: ['http://localhost:8080/auth/callback/sso'],
      },
    ],
  })

for (const [vendor, hint] of [
  [keycloak, /mapper Group Membership, claim groups/],
  [gitlab, /redirect URI only/],
] as const) {
  describe(`a provider that is a ${vendor.profile}`, () => {
    const { profile } = vendor
    const cwd = join(root, profile)
    let provider: TamperingProvider
    before(async () => {
      mkdirSync(cwd)
      provider = await start(vendor)
    })
    after(() => provider.close())

    const init = (...args: readonly string[]) => {
      const answers = [
        '--url',
        'http://localhost:8080',
        '--to',
        service.url,
        '--login',
        'oidc',
        '--client-id',
        'gatehouse',
      ]
      return runCommand(['init', '--force', ...answers, '--issuer', provider.issuer, ...args], { cwd })
    }
    const examine = async (changes: string): Promise<Readonly<Record<string, Finding>>> => {
      writeFileSync(
        join(cwd, 'other.yaml'),
        readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8').replace(...split(changes)),
      )
      const { output } = await runCommand(['doctor', '--json', '--config', 'other.yaml'], { cwd })
      const { findings } = JSON.parse(output) as { readonly findings: readonly Finding[] }
      return Object.fromEntries(findings.map((finding) => [finding.check, finding]))
    }

    test('init says that it is one, and writes it down when told', async () => {
      const unaware = JSON.parse((await init('--json')).output) as { tried: { question: string; what: string }[] }
      assert.match(
        unaware.tried.find(({ question }) => question === 'login')?.what ?? '',
        new RegExp(`--profile ${profile}`),
      )
      assert.doesNotMatch(readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8'), /profile/)
      assert.equal(await detectProfile(provider.issuer), profile, 'at a terminal it is found out')
      const made = await init('--profile', profile)
      assert.equal(made.exitCode, 0, made.errors)
      assert.match(made.output, /redirect URI +http:\/\/localhost:8080\/auth\/callback\/sso/)
      assert.match(made.output, hint)
      assert.match(readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8'), new RegExp(`^ {4}profile: ${profile}$`, 'm'))
    })

    test('the doctor knows it, and says so where the configuration does not', async () => {
      const well = (await examine(''))['profile sso']
      assert.equal(well?.status, 'ok')
      assert.match(well?.what ?? '', hint)
      const generic = (await examine(`profile: ${profile}>profile: generic`))['profile sso']
      assert.deepEqual([generic?.status, /write profile: (\w+)/.exec(generic?.fix ?? '')?.[1]], ['warning', profile])
      const other = await examine(`profile: ${profile}>profile: cilogon`)
      assert.equal(other['profile sso']?.status, 'warning')
      assert.match(other['scopes sso']?.what ?? '', /does not offer the scope org\.cilogon\.userinfo/)
    })
  })
}

const split = (changes: string): [string, string] => {
  const [from = '', to = ''] = changes.split('>')
  return [from, to]
}

test('CILogon is known by its issuer, and nobody else by it', () => {
  assert.equal(recognise({ issuer: 'https://cilogon.org' }), 'cilogon')
  assert.equal(recognise({ issuer: 'https://test.cilogon.org' }), 'cilogon')
  for (const issuer of ['https://cilogon.org.evil.test', 'https://evilcilogon.org', 'http://cilogon.org', 1])
    assert.equal(recognise({ issuer }), 'generic')
})

test('where nobody answers it is nobody’s', async () => {
  for (const issuer of ['no address', 'http://127.0.0.1:1']) assert.equal(await detectProfile(issuer), 'generic')
})

test('of any other provider nothing is said', async () => {
  const provider = await start(plain)
  const cwd = join(root, 'plain')
  mkdirSync(cwd)
  const text = `identity:\n  - { id: sso, type: oidc, issuer: "${provider.issuer}", clientId: gatehouse }\n`
  writeFileSync(join(cwd, 'gatehouse.yaml'), text)
  const { output } = await runCommand(['doctor', '--json'], { cwd })
  assert.doesNotMatch(output, /profile sso|scopes sso/)
  writeFileSync(join(cwd, 'gatehouse.yaml'), text.replace('clientId', 'profile: keycloak, clientId'))
  assert.match((await runCommand(['doctor', '--json'], { cwd })).output, /not that of Keycloak/)
  await provider.close()
})
