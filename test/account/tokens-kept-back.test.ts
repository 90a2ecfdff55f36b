// A token of ours never reaches a service, wherever somebody puts it: with it the service could be that person at every
// other one. What programs carry of their own goes on as it came.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeToken, sendJson } from '../gateway/token-lab.ts'
import type { TestClient } from '../support/http-client.ts'
import { askForSocket } from '../support/raw-web-socket.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type AccountLab, startAccountLab } from './account-lab.ts'

let service: RecordingUpstream
let lab: AccountLab
let ada: TestClient
/** Of each sort, each good. */
const tokens: Record<string, string> = {}

before(async () => {
  service = await startRecordingUpstream()
  const at = (id: string, more: object) => ({ id, path: `/api/${id}/`, to: service.url, ...more })
  lab = await startAccountLab({
    config: {
      upstreams: [
        at('theirs', { allow: ['authenticated'], forwardAuthorization: true }),
        at('open', { allow: ['public'], forwardAuthorization: true }),
      ],
      access: { admins: ['group:admins'] },
    },
  })
  ada = await lab.logIn('ada')
  const grace = await lab.logIn('grace')
  tokens['a token of a person'] = (await makeToken(ada, lab.url)).secret
  const created = await sendJson(
    grace,
    lab.url,
    '/api/v1/admin/service-accounts/nightly',
    { scopes: ['services'] },
    'PUT',
  )
  tokens['a key of a service account'] = (created.json() as { secret: string }).secret
  tokens['an account token'] = await lab.tokenOf('ada')
  for (const [name, token] of Object.entries(tokens)) assert.ok(token.length > 50, name)
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await service.close()
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const escaped = (text: string): string => `%${Buffer.from(text.slice(0, 1)).toString('hex')}${text.slice(1)}`

/** Header lines, and a query. */
type Place = (token: string) => { readonly headers?: Readonly<Record<string, string>>; readonly query?: string }

const schemes = ['Token', 'GitLab-Token', 'Apikey', 'ApiKey', 'PRIVATE-TOKEN', 'Negotiate', 'X', '']
const headers = ['PRIVATE-TOKEN', 'X-API-Key', 'X-Auth-Token', 'Job-Token', 'X-Forwarded-Access-Token', 'Referer']
const parameters = ['access_token', 'private_token', 'token', 'x']

const places: Readonly<Record<string, Place>> = {
  ...Object.fromEntries(
    schemes.map((scheme) => [
      `Authorization: ${scheme}`,
      (token: string) => ({ headers: { authorization: `${scheme} ${token}`.trim() } }),
    ]),
  ),
  ...Object.fromEntries(headers.map((name) => [name, (token: string) => ({ headers: { [name]: token } })])),
  ...Object.fromEntries(parameters.map((name) => [`?${name}=`, (token: string) => ({ query: `?${name}=${token}` })])),
  'a query with escapes': (token) => ({ query: `?token=${escaped(token)}` }),
  'the name of a parameter': (token) => ({ query: `?a=1&${token}` }),
  'Basic without a colon': (token) => ({ headers: { authorization: `Basic ${base64(token)}` } }),
  'Basic in another header': (token) => ({ headers: { 'X-Authorization': `Basic ${base64(`x:${token}`)}` } }),
  'Digest with parts': (token) => ({ headers: { authorization: `Digest username="x", response="${token}"` } }),
  'Bearer with a second word': (token) => ({ headers: { authorization: `Bearer ${token} x` } }),
  'a cookie': (token) => ({ headers: { cookie: `theme=dark; token=${token}` } }),
  'the path': (token) => ({ query: `files/${token}` }),
  'a subprotocol': (token) => ({ headers: { 'Sec-WebSocket-Protocol': `bearer, ${token}` } }),
}

test('no service gets one, whoever sends it, wherever it stands', async () => {
  const arrived = service.requests.length
  for (const [name, token] of Object.entries(tokens)) {
    for (const [place, placed] of Object.entries(places)) {
      const { headers: sent = {}, query = '' } = placed(token)
      for (const id of ['theirs', 'open']) {
        const answer = await lab.stranger().get(`/api/${id}/${query}`, sent)
        assert.equal(answer.status, 401, `${name} in ${place} to ${id}: ${answer.text}`)
        const socket = await askForSocket(lab.url, `/api/${id}/${query}`, sent)
        assert.equal(socket, 401, `${name} in ${place} to ${id}, WebSocket`)
      }
      // Beside a session, or a token that is where it belongs.
      const { cookie } = sent
      const session = [ada.cookieHeader(), cookie].filter(Boolean).join('; ')
      assert.equal(
        (await ada.get(`/api/theirs/${query}`, { ...sent, cookie: session })).status,
        401,
        `${name}, ${place}`,
      )
      if (sent.authorization !== undefined) continue
      const beside = { ...sent, authorization: `Bearer ${tokens['a token of a person']}` }
      assert.equal((await lab.stranger().get(`/api/theirs/${query}`, beside)).status, 401, `${name}, ${place}, beside`)
    }
  }
  assert.equal(service.requests.length, arrived, 'nothing arrived')
})

test('a cookie of somebody else’s program on the same host keeps nobody from the portal', async () => {
  const cookie = `${ada.cookieHeader()}; theirs=${tokens['a token of a person']}`
  assert.equal((await ada.get('/api/v1/me', { cookie })).status, 200)
  assert.equal((await ada.get('/api/theirs/', { cookie })).status, 401)
})

test('it is said what was wrong, and the log has the place and not the token', async () => {
  const token = tokens['a token of a person'] ?? ''
  const answer = await lab.stranger().get('/api/open/', { 'PRIVATE-TOKEN': token })
  assert.equal((answer.json() as { code: string }).code, 'token.misplaced')
  assert.match(String(answer.headers['www-authenticate']), /^Bearer .*error="invalid_token"/)
  assert.ok(!answer.text.includes(token))
  const logged = lab.gateway.logs.filter(({ reason }) => reason === 'misplaced')
  assert.ok(logged.some(({ event, place }) => event === 'security_violation' && place === 'private-token'))
  const log = JSON.stringify(lab.gateway.logs)
  for (const [name, each] of Object.entries(tokens)) assert.ok(!log.includes(each), name)
})

test('where one belongs it opens the service, which does not get it', async () => {
  for (const [name, token] of Object.entries(tokens)) {
    const answer = await lab.stranger().get('/api/theirs/', { authorization: `Bearer ${token}` })
    assert.equal(answer.status, 200, `${name}: ${answer.text}`)
    assert.ok(!JSON.stringify(service.requests.at(-1)?.headers).includes(token), name)
  }
})

test('what programs carry of their own goes on', async () => {
  const made = tokens['a token of a person'] ?? ''
  // Of the right length, and with the wrong check group: another program's.
  const mistyped = made.slice(0, -1) + (made.endsWith('0') ? '1' : '0')
  const jwt = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64('{}')}.x`
  const others = [
    'glpat-abcdefghijklmnopqrst',
    `ghs_${'a'.repeat(36)}`,
    made.slice(0, -1),
    `${made.slice(0, -1)}_`,
    mistyped,
    jwt,
    'gh_',
  ]
  for (const other of others) {
    const sent = { authorization: `Token ${other}`, 'PRIVATE-TOKEN': other }
    assert.equal((await lab.stranger().get(`/api/open/?access_token=${other}`, sent)).status, 200, other)
    const request = service.requests.at(-1)
    assert.deepEqual(request?.all('authorization'), [`Token ${other}`])
    assert.deepEqual(request?.all('private-token'), [other])
    assert.ok(request?.target.endsWith(other))
  }
})
