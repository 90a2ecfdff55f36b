// What of a client's headers reaches the services, and what of theirs comes back (§5.2, §5.3).

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ReceivedRequest } from '../support/backend-ai/index.ts'
import { startBackendAiLab } from './backend-ai-lab.ts'

const lab = await startBackendAiLab({ hasRouter: true, hasPipeline: true })
after(() => lab[Symbol.asyncDispose]())
const ada = await lab.logIn()

const CLIENTS = {
  accept: 'text/event-stream',
  'accept-encoding': 'br',
  'accept-language': 'ko',
  authorization: 'Bearer CANARY-client',
  'content-type': 'application/json; charset=utf-8',
  credentials: 'include',
  forwarded: 'for=192.0.2.1',
  mode: 'cors',
  range: 'bytes=0-3',
  referer: 'http://elsewhere.test/',
  'remote-user': 'grace',
  'tus-resumable': '1.0.0',
  'upload-offset': '0',
  'user-agent': 'a browser',
  'x-backendai-date': '2000-01-01T00:00:00Z',
  'x-backendai-domain': 'other',
  'x-backendai-token': 'CANARY-token',
  'x-backendai-version': 'v8.20240915',
  'x-foo': '1',
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-url': 'http://elsewhere.test/other',
  'x-http-method-override': 'DELETE',
  'x-requested-with': 'XMLHttpRequest',
}

const last = ({ requests }: { requests: readonly ReceivedRequest[] }): ReceivedRequest =>
  requests.at(-1) ?? assert.fail()

const names = ({ headers }: ReceivedRequest) => [...new Set(headers.map(([name]) => name.toLowerCase()))].sort()

/** Ours, and framing. */
const ALWAYS = [
  'connection content-type date host x-backendai-domain x-backendai-version',
  'x-forwarded-for x-forwarded-host x-forwarded-proto x-request-id',
].flatMap((names) => names.split(' '))
const PASSED = ['accept', 'accept-encoding', 'accept-language', 'range', 'tus-resumable', 'upload-offset', 'user-agent']

const places = [
  { path: '/func/folders', service: lab.manager, proof: 'ours' },
  { path: '/func/stream/kernel/_/events', service: lab.manager, proof: 'ours', method: 'GET' },
  { path: '/func/', service: lab.manager, proof: "the client's", method: 'GET' },
  { path: '/func/cloud/x', service: lab.manager, proof: "the client's" },
  { path: '/func/openid/x', service: lab.manager, proof: "the client's" },
  { path: '/func/custom-auth/x', service: lab.manager, proof: "the client's" },
  { path: '/func/saml/x', service: lab.manager, proof: "the client's" },
  { path: '/func/admin/gql', service: lab.router, proof: 'ours', token: true },
  { path: '/pipeline/x', service: lab.pipeline, proof: "the client's" },
  { path: '/pipeline/x/login/', service: lab.pipeline, proof: 'ours' },
]

for (const { path, service, proof, token = false, method = 'POST' } of places) {
  test(`${method} ${path}: the Authorization is ${proof}; what nobody asked for does not go on`, async () => {
    ada.cookies.set('theme', 'dark')
    const query = '?query=%7Bx%7D'
    const asked = ada.ask(path + query, {
      method,
      ...(method === 'POST' && { body: '{"query":"{x}"}' }),
      headers: CLIENTS,
    })
    const request = await service.whenRequest(({ target }) => target.endsWith(query))
    if (path.endsWith('events')) lab.manager.events.end()
    await asked
    const framing = method === 'POST' ? ['content-length'] : []
    assert.deepEqual(names(request), [
      ...[...ALWAYS, ...PASSED, 'authorization', 'cookie', ...framing, ...(token ? ['x-backendai-token'] : [])].sort(),
    ])
    const [authorization, ...others] = request.all('authorization')
    assert.deepEqual(others, [])
    assert.equal(authorization === CLIENTS.authorization, proof !== 'ours', String(authorization))
    assert.equal(request.verification.hmac?.isValid ?? false, proof === 'ours')
    assert.deepEqual(request.all('x-backendai-domain'), ['default'])
    assert.deepEqual(request.all('x-backendai-version'), ['v8.20240915'])
    assert.deepEqual(request.all('content-type'), [CLIENTS['content-type']])
    assert.deepEqual(request.all('cookie'), ['theme=dark'])
    assert.deepEqual(request.all('x-forwarded-for'), ['127.0.0.1'])
    assert.notDeepEqual(request.all('date'), [CLIENTS['x-backendai-date']])
    service.forgetRequests()
  })
}

test('the name of the session stays here, as a header and as a cookie, wherever requests go', async () => {
  const name = ada.cookies.get('AIOHTTP_SESSION') ?? assert.fail('no session')
  const headers = { 'x-backendai-sessionid': name }
  for (const path of ['/func/folders', '/func/', '/func/cloud/x', '/pipeline/x']) {
    await ada.ask(path, { headers })
    assert.doesNotMatch(
      JSON.stringify(last(path.startsWith('/func') ? lab.manager : lab.pipeline).headers),
      new RegExp(name),
    )
  }
})

test('headers for one hop, and who serves, stay behind', async () => {
  const { headers } = await ada.ask('/func/test/hop-by-hop')
  for (const name of ['x-hop', 'proxy-authenticate', 'te', 'server', 'keep-alive'])
    assert.equal(headers[name], undefined, name)
})

test('a cookie of the Manager may not be called as the session is', async () => {
  const off = lab.manager.disturb({
    kind: 'answer',
    status: 200,
    headers: { 'Set-Cookie': ['AIOHTTP_SESSION=0123456789abcdef0123456789abcdef; Path=/', 'plugin=1; Path=/'] },
  })
  const { headers } = await lab.stranger().ask('/func/openid/callback')
  off()
  assert.deepEqual(headers['set-cookie'], ['plugin=1; Path=/'])
})
