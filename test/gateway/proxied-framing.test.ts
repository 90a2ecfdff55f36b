// The frame of what goes to a service is the gateway's own (security.md M1, M2): at most one framing header, however the
// client framed its message, the same content, and nothing of a message that could be read in two ways.

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
  lab = await startLab({ config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }] } })
  cookie = (await lab.logIn('ada')).cookieHeader()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

const common = (): readonly string[] => [`Host: 127.0.0.1:${lab.port}`, `Cookie: ${cookie}`, `Origin: ${lab.url}`]

const chunked = (...chunks: readonly string[]): string =>
  [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')

/** How the client frames it, and how it arrives: the framing headers (chunks that are all there may get a length) and the content. */
// biome-ignore format: a table
const framed: readonly (readonly [line: string, headers: readonly string[], body: string, framing: string, content: string])[] = [
  ['GET /api/',    [], '', 'none', ''],
  ['HEAD /api/',   [], '', 'none', ''],
  ['GET /api/',    ['Content-Length: 0'], '', 'none', ''],
  ['DELETE /api/', [], '', 'none', ''],
  ['POST /api/',   ['Content-Length: 0'], '', 'content-length: 0', ''],
  ['POST /api/',   ['Content-Length: 5'], 'hello', 'content-length: 5', 'hello'],
  ['PUT /api/',    ['content-LENGTH:5'], 'hello', 'content-length: 5', 'hello'],
  ['GET /api/',    ['Content-Length: 5'], 'hello', 'content-length: 5', 'hello'],
  ['DELETE /api/', ['Content-Length: 5'], 'hello', 'content-length: 5', 'hello'],
  ['POST /api/',   ['Transfer-Encoding: chunked'], chunked('he', 'llo'), 'any', 'hello'],
  ['POST /api/',   ['Transfer-Encoding: CHUNKED'], chunked('hello'), 'any', 'hello'],
  ['POST /api/',   ['Transfer-Encoding: chunked'], chunked(), 'any', ''],
  ['POST /api/',   ['Transfer-Encoding: chunked', 'Trailer: X-Remote-User'], '5;ext=1\r\nhello\r\n0\r\nX-Remote-User: root\r\n\r\n', 'any', 'hello'],
  ['PATCH /api/',  ['Transfer-Encoding: chunked', 'Content-Type: text/plain'], chunked('GET /api/smuggled HTTP/1.1\r\n\r\n'), 'any', 'GET /api/smuggled HTTP/1.1\r\n\r\n'],
  ['PROPFIND /api/', ['Content-Length: 4'], '<a/>', 'content-length: 4', '<a/>'],
]

test('each message arrives with its content and at most one framing header', async () => {
  for (const [line, headers, body, framing, content] of framed) {
    const index = upstream.requests.length
    const lines = [`${line} HTTP/1.1`, ...common(), 'Connection: close', ...headers]
    const { status } = await sendRaw(lab.port, `${lines.join('\r\n')}\r\n\r\n${body}`)
    assert.equal(status, 200, line)
    const request = upstream.requests[index] ?? assert.fail(`${line} did not arrive`)
    const framedBy = request.headers.filter(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))
    const arrived = framedBy.map(([name, value]) => `${name.toLowerCase()}: ${value}`).join(' and ') || 'none'
    const either = ['transfer-encoding: chunked', `content-length: ${content.length}`]
    assert.ok((framing === 'any' ? either : [framing]).includes(arrived), `${line} ${headers.join()}: ${arrived}`)
    assert.equal(request.body, content)
    assert.doesNotMatch(request.rawBody, /root|ext=1/, 'no trailer and no chunk extension')
    assert.deepEqual([request.all('trailer'), request.all('expect')], [[], []])
    assert.equal(upstream.requests.length, index + 1)
  }
})

/** After each of these, a second request that must not be one. */
const twoFaced: readonly (readonly string[])[] = [
  ['Content-Length: 5', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: chunked', 'Content-Length: 5'],
  ['Transfer-Encoding: ,chunked'],
  ['Transfer-Encoding: gzip, chunked'],
  ['Transfer-Encoding: chunked, identity'],
  ['Transfer-Encoding: xchunked'],
  ['Transfer-Encoding : chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['Content-Length: 010'],
  ['Content-Length: +5'],
  ['Content-Length: 5, 5'],
  ['Content-Length: 5', 'Content-Length: 5'],
  ['Content-Length: 5', 'Content-Length: 6'],
  ['Content-Length: 0x5'],
  ['Content-Length: '],
  ['Host: evil.test'],
  ['X: y\nContent-Length: 5'],
  [' folded: x'],
]

test('what could be read in two ways is 400, closes the connection, and brings nothing behind it', async () => {
  const before = upstream.requests.length
  for (const headers of twoFaced) {
    const first = ['POST /api/ HTTP/1.1', ...common(), ...headers].join('\r\n')
    const second = ['GET /api/smuggled HTTP/1.1', ...common()].join('\r\n')
    const { status, text } = await sendRaw(lab.port, `${first}\r\n\r\n0\r\n\r\n${second}\r\n\r\n`)
    assert.equal(status, 400, headers.join())
    assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, `${headers.join()}: one answer`)
  }
  assert.equal(upstream.requests.length, before)
})

test('a message that is refused before its content has come ends the connection', async () => {
  const before = upstream.requests.length
  for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
    const head = ['POST /api/ HTTP/1.1', `Host: 127.0.0.1:${lab.port}`, `Origin: ${lab.url}`, framing].join('\r\n')
    const { status, text } = await sendRaw(lab.port, `${head}\r\n\r\n`)
    assert.equal(status, 401)
    assert.match(text, /\r\nconnection: close\r\n/i)
  }
  assert.equal(upstream.requests.length, before)
})

test('two requests on one connection are two, each decided for itself', async () => {
  const before = upstream.requests.length
  const withCookie = `GET /api/first HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nCookie: ${cookie}\r\n\r\n`
  const without = `GET /api/second HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nConnection: close\r\n\r\n`
  const { text } = await sendRaw(lab.port, withCookie + without)
  assert.deepEqual(text.match(/HTTP\/1\.1 \d{3}/g), ['HTTP/1.1 200', 'HTTP/1.1 401'])
  assert.deepEqual(
    upstream.requests.slice(before).map(({ target }) => target),
    ['/first'],
  )
})
