// The bytes that were decided are the bytes that go out (security.md P1): a target arrives as it was sent, below the
// address of its upstream, or it is refused; it never arrives changed, and never beside it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type Lab, startLab } from './lab.ts'

let upstream: RecordingUpstream
let lab: Lab
let cookie = ''

before(async () => {
  upstream = await startRecordingUpstream()
  const upstreams = [
    { path: '/api/', to: upstream.url, allow: ['group:lab'] },
    { path: '/git/', to: `${upstream.url}/api/v4`, allow: ['group:lab'] },
    { path: '/api/deeper/', to: `${upstream.url}/deep/`, allow: ['group:lab'] },
  ]
  lab = await startLab({ config: { upstreams } })
  cookie = (await lab.logIn('ada')).cookieHeader()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

const ask = (target: string, method = 'GET', more = 'Connection: close\r\n') =>
  sendRaw(
    lab.port,
    Buffer.from(
      `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nCookie: ${cookie}\r\n${more}\r\n`,
      'latin1',
    ),
  )

/** What follows the prefix, and arrives byte for byte. */
const kept = [
  '',
  'a',
  'a/b/c',
  'a/',
  'a//b',
  '/a',
  'a///',
  'projects/group%2Fproject/repository/files/src%2Fmain.ts',
  'a%2fb',
  'a%2Fb%2f',
  'a%20b',
  'a%25b',
  'a%252Db',
  '%C3%A9',
  '%c3%a9',
  '%ED%95%9C',
  'a;v=1',
  'a;v=1/b;w',
  'a:b@c',
  "!$&'()*+,=~",
  'a.b',
  '.a',
  'a..b',
  '..a/b...',
  'a%3Fb',
  'a%23b',
  '?',
  '?x',
  '?x=1&x=2',
  '?x=a/../b',
  '?u=https://evil.test//',
  '?x=%2e%2e%2f',
  '?x=%00',
  '?a[]=1&b={c}|d^e`f"g<h>',
  'a?x=?y=?',
  'a?',
  '%5B%5D%7B%7D',
  'x'.repeat(8_000),
]

const mounts: readonly (readonly [prefix: string, base: string])[] = [
  ['/api/', '/'],
  ['/git/', '/api/v4/'],
  ['/api/deeper/', '/deep/'],
]

test('a target arrives as it was sent, byte for byte', async () => {
  for (const [prefix, base] of mounts) {
    for (const suffix of kept) {
      const index = upstream.requests.length
      const { status } = await ask(prefix + suffix)
      assert.equal(status, 200, prefix + suffix)
      assert.equal(upstream.requests[index]?.target, base + suffix)
    }
  }
})

/** Two readings, or none. */
const refused = [
  'a/../b',
  '..',
  '../',
  '../../etc/passwd',
  './a',
  'a/.',
  'a/./b',
  '%2e%2e/a',
  '.%2e/a',
  '%2E%2E%2Fa',
  'a/..%2fb',
  'a%2f..%2fb',
  'a/%2e%2e%2f%2e%2e%2fb',
  'a/..;/b',
  'a/..;x=1/b',
  'a/.;/b',
  'a\\b',
  '..\\a',
  'a%5cb',
  'a%5C..%5Cb',
  'a%255cb',
  'a%252e%252e%252fb',
  'a%25252e',
  'a%252Fb',
  'a%00b',
  'a%0d%0ab',
  'a%0Ab',
  'a%7f',
  'a%61',
  'a%2Db',
  'a%7E',
  'a%',
  'a%2',
  'a%zz',
  'a%u002e',
  'a#b',
  'a?x=1#b',
  'a?x\\y',
  'a<b>',
  'a"b',
  'a|b',
  'a^b',
  'a`b',
  'a{b}',
  'a\u00e9',
  'a?\u00e9',
  'a\tb',
]

test('a target with two readings is 400 and reaches nobody', async () => {
  const before = upstream.requests.length
  for (const suffix of refused) {
    for (const [prefix] of mounts) assert.equal((await ask(prefix + suffix)).status, 400, prefix + suffix)
  }
  assert.equal(upstream.requests.length, before)
})

test('other forms of a target are refused, whatever host they name', async () => {
  await using trap = await startRecordingUpstream()
  const before = upstream.requests.length
  const webSocket =
    `Origin: ${lab.url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  for (const place of [`127.0.0.1:${trap.port}`, `127.0.0.1:${upstream.port}`, `ada@127.0.0.1:${trap.port}`]) {
    const targets = [`http://${place}/x`, `ws://${place}/x`, `//${place}/x`, place, `@${place}/x`, `http:/${place}/x`]
    for (const target of targets) {
      assert.equal((await ask(target)).status, 400, target)
      assert.equal((await ask(target, 'GET', webSocket)).status, 400, `WebSocket ${target}`)
    }
    assert.notEqual((await ask(place, 'CONNECT')).status, 200, `CONNECT ${place}`)
    const named = await ask(`/api/x?url=http://${place}/`, 'GET', `X-Forwarded-Host: ${place}\r\nConnection: close\r\n`)
    assert.equal(named.status, 200)
  }
  for (const target of ['*', 'api/x']) assert.equal((await ask(target)).status, 400, target)
  assert.equal(upstream.requests.length, before + 3, 'what an address of ours merely names is no destination')
  assert.equal(trap.accepted(), 0)
})

test('the longest prefix wins, and none is left', async () => {
  const index = upstream.requests.length
  await ask('/api/deeper/x')
  await ask('/api/deeperx')
  await ask('/api/deepe%72/x')
  assert.deepEqual(
    upstream.requests.slice(index).map(({ target }) => target),
    ['/deep/x', '/deeperx'],
  )
})
