// Who may open a WebSocket, and what is a handshake at all (RFC 6455 §4.2.1, security.md W1, W2, W3, W5): decided before
// anything is opened behind the gateway.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { sendRaw } from '../support/raw-http.ts'
import { type Lab, startLab } from './lab.ts'

let upstream: EchoUpstream
let lab: Lab
let ada = ''
let mallory = ''

before(async () => {
  upstream = await startEchoUpstream()
  const at = { to: upstream.url, allow: ['group:lab'] }
  lab = await startLab({
    config: {
      upstreams: [
        { ...at, path: '/api/' },
        { ...at, path: '/api/public/', allow: ['public'] },
        { ...at, path: '/api/friends/', webSockets: { origins: ['https://friend.test'] } },
      ],
    },
  })
  ada = (await lab.logIn('ada')).cookieHeader()
  mallory = (await lab.logIn('mallory')).cookieHeader()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

interface Handshake {
  readonly request?: string
  /** Replace those of a good handshake; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly behind?: string
}

const good = (): Readonly<Record<string, string>> => ({
  Host: `127.0.0.1:${lab.port}`,
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  Origin: lab.url,
  Cookie: ada,
})

function open({ request = 'GET /api/socket HTTP/1.1', headers = {}, behind = '' }: Handshake = {}) {
  const lines = Object.entries({ ...good(), ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  )
  return sendRaw(lab.port, `${[request, ...lines].join('\r\n')}\r\n\r\n${behind}`, /\r\n\r\n/)
}

const cases: Readonly<Record<string, readonly [status: number, handshake: () => Handshake]>> = {
  'a good one': [101, () => ({})],
  'several tokens in Connection': [101, () => ({ headers: { Connection: 'keep-alive, Upgrade' } })],
  capitals: [101, () => ({ headers: { Connection: 'UPGRADE', Upgrade: 'WebSocket' } })],
  'a query': [101, () => ({ request: 'GET /api/socket?x=1 HTTP/1.1' })],

  'no cookie': [401, () => ({ headers: { Cookie: undefined } })],
  'neither cookie nor origin': [401, () => ({ headers: { Cookie: undefined, Origin: undefined } })],
  'a cookie of nobody': [401, () => ({ headers: { Cookie: `__Host-gatehouse=${'A'.repeat(22)}.${'A'.repeat(43)}` } })],
  'a session in the address': [
    401,
    () => ({ request: `GET /api/socket?${encodeURIComponent(ada)} HTTP/1.1`, headers: { Cookie: undefined } }),
  ],
  'a token in the address': [
    401,
    () => ({ request: 'GET /api/socket?token=x HTTP/1.1', headers: { Cookie: undefined } }),
  ],
  'a session as subprotocol': [
    401,
    () => ({ headers: { Cookie: undefined, 'Sec-WebSocket-Protocol': ada.split('=')[1]?.split('.')[0] } }),
  ],
  'a person who may not': [403, () => ({ headers: { Cookie: mallory } })],

  'another site': [403, () => ({ headers: { Origin: 'https://evil.test' } })],
  'another site, and nobody': [403, () => ({ headers: { Origin: 'https://evil.test', Cookie: undefined } })],
  'another site at a public upstream': [
    403,
    () => ({ request: 'GET /api/public/x HTTP/1.1', headers: { Origin: 'https://evil.test' } }),
  ],
  'no origin, though a session': [403, () => ({ headers: { Origin: undefined } })],
  'the origin null': [403, () => ({ headers: { Origin: 'null' } })],
  'an empty origin': [403, () => ({ headers: { Origin: '' } })],
  'our host by https': [403, () => ({ headers: { Origin: `https://127.0.0.1:${lab.port}` } })],
  'our host at another port': [403, () => ({ headers: { Origin: 'http://127.0.0.1:1' } })],
  'our origin with a path': [403, () => ({ headers: { Origin: `${lab.url}/` } })],
  'our origin and more': [403, () => ({ headers: { Origin: `${lab.url}.evil.test` } })],
  'two origins in one': [403, () => ({ headers: { Origin: `${lab.url} https://evil.test` } })],
  'our origin, but a browser that says cross-site': [403, () => ({ headers: { 'Sec-Fetch-Site': 'cross-site' } })],
  'a sibling of ours': [403, () => ({ headers: { 'Sec-Fetch-Site': 'same-site' } })],
  'an origin that the upstream allows': [
    101,
    () => ({ request: 'GET /api/friends/x HTTP/1.1', headers: { Origin: 'https://friend.test' } }),
  ],
  'an origin that only another upstream allows': [403, () => ({ headers: { Origin: 'https://friend.test' } })],

  'version 8': [426, () => ({ headers: { 'Sec-WebSocket-Version': '8' } })],
  'version 14': [426, () => ({ headers: { 'Sec-WebSocket-Version': '14' } })],
  'version 013': [426, () => ({ headers: { 'Sec-WebSocket-Version': '013' } })],
  'no version': [426, () => ({ headers: { 'Sec-WebSocket-Version': undefined } })],
  'no key': [400, () => ({ headers: { 'Sec-WebSocket-Key': undefined } })],
  'an empty key': [400, () => ({ headers: { 'Sec-WebSocket-Key': '' } })],
  'a key of 15 bytes': [400, () => ({ headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' } })],
  'a key of 17 bytes': [400, () => ({ headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAA=' } })],
  'a key with bits over': [400, () => ({ headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' } })],
  'a key that is no base64': [400, () => ({ headers: { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' } })],
  'two keys': [400, () => ({ headers: { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' } })],
  'two versions': [400, () => ({ headers: { 'sec-websocket-version': '13' } })],
  'a POST': [400, () => ({ request: 'POST /api/socket HTTP/1.1' })],
  'HTTP/1.0': [400, () => ({ request: 'GET /api/socket HTTP/1.0' })],
  content: [400, () => ({ headers: { 'Content-Length': '5' }, behind: 'hello' })],
  chunks: [400, () => ({ headers: { 'Transfer-Encoding': 'chunked' }, behind: '0\r\n\r\n' })],
  'two readings of the path': [400, () => ({ request: 'GET /api/x/../socket HTTP/1.1' })],
  'another host': [421, () => ({ headers: { Host: 'evil.test' } })],

  'a path where nothing is': [404, () => ({ request: 'GET /nowhere HTTP/1.1' })],
  'a page of ours': [404, () => ({ request: 'GET /account HTTP/1.1' })],
  'our API': [404, () => ({ request: 'GET /api/v1/me HTTP/1.1' })],
}

for (const [name, [expected, handshake]] of Object.entries(cases)) {
  test(`${name}: ${expected}`, async () => {
    const before = upstream.handshakes.length
    const { status, text } = await open(handshake())
    assert.equal(status, expected, text)
    assert.equal(upstream.handshakes.length - before, expected === 101 ? 1 : 0)
    if (expected === 101) assert.match(text, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i)
    if (expected === 426) assert.match(text, /\r\nsec-websocket-version: 13\r\n/i)
  })
}

test('what is refused is written down with its reason, and never with the session', async () => {
  await open({ headers: { Origin: 'https://evil.test' } })
  const line = lab.gateway.logs.findLast(({ kind }) => kind === 'cross_site')
  assert.equal(line?.origin, 'https://evil.test')
  assert.equal(JSON.stringify(lab.gateway.logs).includes(ada.split('.')[1]?.slice(0, 43) ?? ''), false)
})

test('the service behind sees a handshake of the gateway’s own, without our cookies', async () => {
  await open({ headers: { Cookie: `${ada}; theme=dark`, 'X-Remote-User': 'root', Authorization: 'Bearer mine' } })
  const { headers = {} } = upstream.handshakes.at(-1) ?? {}
  assert.equal(headers.host, `127.0.0.1:${upstream.port}`)
  assert.deepEqual(
    [headers.cookie, headers['x-remote-user'], headers.authorization],
    ['theme=dark', undefined, undefined],
  )
  assert.equal(headers['x-forwarded-host'], `127.0.0.1:${lab.port}`)
})
