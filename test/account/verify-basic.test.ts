// Browsers add a name and a password to requests like a cookie, whichever page asks for them. A proxy in front asks about
// such a request: it must prove where it comes from as at the gateway itself (security.md X2).

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient } from '../support/http-client.ts'
import { type AccountLab, basic, bearer, startAccountLab } from './account-lab.ts'

let lab: AccountLab
let token: string

before(async () => {
  const services = [{ id: 'wiki', path: '/wiki/', allow: ['authenticated'] }]
  lab = await startAccountLab({ config: { server: { trustedProxies: ['127.0.0.1'] }, verify: { services } } })
  token = await lab.tokenOf('ada')
})
after(() => lab[Symbol.asyncDispose]())

const ask = async (method: string, authorization: string, headers: Readonly<Record<string, string>>) => {
  const answer = await createClient(lab.url).get('/auth/verify', {
    authorization,
    'x-forwarded-method': method,
    'x-forwarded-proto': 'http',
    'x-forwarded-host': new URL(lab.url).host,
    'x-forwarded-uri': '/wiki/page',
    ...headers,
  })
  return answer.status
}

const FROM_ELSEWHERE = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }

test('what a browser adds by itself lets no other site’s page change anything', async () => {
  const typed = basic(token, 'x')
  assert.equal(await ask('POST', typed, FROM_ELSEWHERE), 403)
  assert.equal(await ask('DELETE', typed, { 'sec-fetch-site': 'cross-site' }), 403)
  assert.equal(await ask('GET', typed, FROM_ELSEWHERE), 200, 'as with a cookie, which is of the same mind')
  assert.equal(await ask('POST', typed, { origin: lab.url, 'sec-fetch-site': 'same-origin' }), 200)
  assert.equal(await ask('POST', typed, {}), 200, 'a program')
  assert.equal(await ask('POST', bearer(token), FROM_ELSEWHERE), 200, 'no page adds that')
})
