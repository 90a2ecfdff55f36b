// An answer of the provider that was tampered with, through the whole gateway (security.md L1, L6): an error page, no
// session, an entry in the audit log, nothing for the services behind. The full table of cases is with the driver.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAccounts, createProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort } from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import {
  createRsaKey,
  encodeJson,
  signToken,
  startTamperingProvider,
  type Tampering,
  type TamperingProvider,
} from '../support/tampering-provider.ts'
import { type Lab, startLab } from './lab.ts'

const accounts = createAccounts()
const attacker = createRsaKey('main')
let provider: TamperingProvider
let upstream: RecordingUpstream
let lab: Lab

before(async () => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  provider = await startTamperingProvider({
    accounts,
    clients: [{ clientId: 'gatehouse', redirectUris: [`${url}/auth/callback/sso`] }],
  })
  upstream = await startRecordingUpstream()
  lab = await startLab({
    config: {
      server: { url, listen: `127.0.0.1:${port}` },
      identity: [{ id: 'sso', type: 'oidc', issuer: provider.issuer, clientId: 'gatehouse' }],
      upstreams: [{ path: '/api/', to: upstream.url, allow: ['authenticated'] }],
    },
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
  await provider.close()
})

/** A browser in which ada has just come back from the provider. */
async function comeBack() {
  const browser = lab.stranger()
  const begun = await browser.post('/auth/login/sso', { returnTo: '/account' })
  const [ada = assert.fail()] = accounts
  const callback = await createProviderVisitor(provider.issuer).login(String(begun.headers.location), ada)
  return { browser, answer: await browser.get(callback.href, { accept: 'text/html' }) }
}

const failures = async (): Promise<number> => {
  const rows = await lab.gateway.apis.storage
    .sql<{ readonly audit: { readonly action: string; readonly outcome: string } }>()
    .selectFrom('audit')
    .selectAll()
    .where('outcome', '=', 'failure')
    .execute()
  return rows.filter(({ action }) => action.startsWith('login')).length
}

const claim = (name: string, value: unknown): Tampering => ({
  idToken: ({ header, payload }) => signToken({ header, payload: { ...payload, [name]: value } }, provider.key),
})

const cases: Readonly<Record<string, () => Tampering>> = {
  'no signature': () => ({
    idToken: ({ header, payload }) => `${encodeJson({ ...header, alg: 'none' })}.${encodeJson(payload)}.`,
  }),
  'the signature of another': () => ({ idToken: (parts) => signToken(parts, attacker) }),
  'a symmetric signature with the public key': () => ({
    idToken: ({ header, payload }) =>
      signToken({ header: { ...header, alg: 'HS256' }, payload }, provider.key.publicPem),
  }),
  'another issuer': () => claim('iss', 'https://evil.test'),
  'another audience': () => claim('aud', 'other'),
  'another nonce': () => claim('nonce', 'x'),
  'no subject': () => claim('sub', undefined),
  'a token that has ended': () => claim('exp', 1),
  'no ID token': () => ({ token: (body) => ({ ...body, id_token: undefined }) }),
  'userinfo of somebody else': () => ({ userinfo: (body) => ({ ...body, sub: 'grace' }) }),
  'an answer that is no JSON': () => ({ token: () => '<html>' }),
}

test('an answer as it should be logs ada in', async () => {
  provider.tamper({})
  const { browser, answer } = await comeBack()
  assert.deepEqual([answer.status, answer.headers.location], [303, '/account'])
  assert.equal((await browser.get('/api/x')).status, 200)
  assert.equal(upstream.requests.length, 1)
})

for (const [name, tampering] of Object.entries(cases)) {
  test(`${name}: nobody is logged in`, async () => {
    const before = await failures()
    provider.tamper(tampering())
    const { browser, answer } = await comeBack()
    assert.ok([401, 503].includes(answer.status), `${answer.status}`)
    assert.match(String(answer.headers['content-type']), /^text\/html/)
    assert.equal(browser.cookies.has('__Host-gatehouse'), false)
    assert.equal((await browser.get('/api/x')).status, 401)
    assert.equal(upstream.requests.length, 1)
    assert.equal((await failures()) - before, 1)
  })
}
