// A token of which one bit is another than the provider's is no token (security.md T1): 10,000 of each kind, none taken.
// The bits are those of the text, so that other spellings of the same bytes are among them. Each is refused for what it
// is, and the provider's own token is taken all the while: a provider that does not answer refuses anything.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { GatewayError } from '#kernel'
import { createManualClock } from '../../../../test/support/manual-clock.ts'
import { type ListeningServer, listen, readBody } from '../../../../test/support/oidc-provider.ts'
import { createRsaKey, type Json, signToken } from '../../../../test/support/tampering-provider.ts'
import { createTestSite, type TestSite } from '../../identity.fixture.ts'
import type { IdentityProvider, RedirectProvider } from '../../provider.ts'
import { oidcDriver } from '../oidc.ts'
import { readAccessToken } from './access-token.ts'
import { TokenFault } from './signed-token.ts'

const FLIPS = 10_000
/** So often the token itself has its turn. */
const GOOD_EACH = 1000
const REDIRECT_URI = 'https://gate.test/auth/callback/sso'
const key = createRsaKey('main')
const clock = createManualClock(Date.now())
const seconds = Math.floor(clock.now() / 1000)

let server: ListeningServer
let site: TestSite
let provider: RedirectProvider
/** What the token endpoint gives next. */
let idToken: (nonce: string) => string

before(async () => {
  server = await listen()
  const { url } = server
  const answers: Readonly<Record<string, () => Json>> = {
    '/.well-known/openid-configuration': () => ({
      issuer: url,
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
    }),
    '/jwks': () => ({ keys: [key.publicJwk] }),
    '/token': () => ({ access_token: 'CANARY', token_type: 'bearer', id_token: idToken('the-nonce') }),
  }
  server.serve((request, response) => {
    void readBody(request).then(() => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answers[request.url ?? '']?.() ?? {}))
    })
  })
  site = await createTestSite([])
  provider = createProvider(url)
})
after(async () => {
  await site.close()
  await server.close()
})

function createProvider(issuer: string): RedirectProvider {
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const config = oidcDriver.config.parse({ id: 'sso', type: 'oidc', issuer, clientId: 'gatehouse' })
  const made: IdentityProvider = oidcDriver.create(config, { clock, log, storage: site.storage, urlTo: (path) => path })
  return made.kind === 'redirect' ? made : assert.fail()
}

const sign = (payload: Json, typ = 'JWT'): string =>
  signToken(
    {
      header: { alg: 'RS256', typ, kid: key.kid },
      payload: { iss: server.url, aud: 'gatehouse', iat: seconds, exp: seconds + 600, sub: 'ada', ...payload },
    },
    key,
  )

/** One bit of one character of it, other than the dots: those would only make another number of parts. */
function flip(token: string): string {
  const at = randomInt(token.length)
  if (token[at] === '.') return flip(token)
  const changed = String.fromCharCode(token.charCodeAt(at) ^ (1 << randomInt(7)))
  return `${token.slice(0, at)}${changed}${token.slice(at + 1)}`
}

interface Reader {
  readonly take: (token: string) => Promise<unknown>
  /** Whether it was refused for what it is, not because somebody could not be asked. */
  readonly isRefusal: (error: unknown) => boolean
}

async function flips(good: string, { take, isRefusal }: Reader): Promise<void> {
  for (let count = 0; count < FLIPS; count += 1) {
    if (count % GOOD_EACH === 0) await take(good)
    const flipped = flip(good)
    await assert.rejects(take(flipped), isRefusal, flipped)
  }
  await take(good)
}

const isRefusedAs = (code: string) => (error: unknown) => error instanceof GatewayError && error.code === code

test('ID tokens', { timeout: 300_000 }, async () => {
  const complete = async (token: string): Promise<unknown> => {
    idToken = () => token
    const url = new URL(`${REDIRECT_URI}?code=x&state=s`)
    const data = { verifier: 'v'.repeat(43), nonce: 'the-nonce', redirectUri: REDIRECT_URI }
    return provider.complete({ url, rawHeaders: [], peer: '127.0.0.1' }, data, 's')
  }
  await flips(sign({ nonce: 'the-nonce' }), { take: complete, isRefusal: isRefusedAs('login.notProven') })
})

test('logout tokens', { timeout: 300_000 }, async () => {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const good = sign({ jti: 'one', events }, 'logout+jwt')
  const read = async (token: string): Promise<unknown> => (provider.readLogout ?? assert.fail())(token)
  await flips(good, { take: read, isRefusal: isRefusedAs('logout.tokenRefused') })
})

test('access tokens that hold groups', { timeout: 300_000 }, async () => {
  const config = { issuer: server.url, clientId: 'gatehouse', algorithms: ['RS256' as const] }
  const rules = { config, keys: async () => ({ keys: [key.publicJwk] }), nowMs: clock.now() }
  const read = async (token: string): Promise<unknown> => {
    const claims = await readAccessToken(token, 'ada', rules)
    if (claims === undefined) throw new TokenFault('nothing was read')
    return claims
  }
  const good = sign({ azp: 'gatehouse', groups: ['lab'] })
  await flips(good, { take: read, isRefusal: (error) => error instanceof TokenFault })
})
