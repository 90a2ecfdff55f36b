// `Expect: 100-continue` (RFC 9110 §10.1.1): nobody is asked for a body before it is decided that they may send it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type Lab, startLab } from './lab.ts'

let upstream: RecordingUpstream
let lab: Lab
let ada = ''
let mallory = ''

before(async () => {
  upstream = await startRecordingUpstream()
  lab = await startLab({ config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }] } })
  ada = `Cookie: ${(await lab.logIn('ada')).cookieHeader()}\r\n`
  mallory = `Cookie: ${(await lab.logIn('mallory')).cookieHeader()}\r\n`
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

const head = (path: string, lines: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n${lines}\r\n`

const ownOrigin = (): string => `Origin: ${lab.url}\r\n`

/** The body is never sent: the answer must come without it. */
// biome-ignore format: a table
const refusals: readonly (readonly [who: string, path: string, lines: () => string, status: number])[] = [
  ['a stranger at an upstream',     '/api/x', () => ownOrigin(), 401],
  ['who may not',                   '/api/x', () => mallory + ownOrigin(), 403],
  ['a page of another site',        '/api/x', () => `${ada}Origin: https://evil.test\r\n`, 403],
  ['two readings of the path',      '/api/../x', () => ada + ownOrigin(), 400],
  ['nothing there',                 '/nowhere', () => ada + ownOrigin(), 404],
  ['a stranger at our own API',     '/api/v1/sessions/current/extend', () => ownOrigin(), 401],
  ['a login form of another site',  '/auth/login/local', () => 'Origin: https://evil.test\r\n', 403],
]

for (const [who, path, lines, status] of refusals) {
  test(`${who}: ${status} at once, no body is asked for, the connection ends`, async () => {
    const before = upstream.requests.length
    const answer = await sendRaw(lab.port, head(path, lines()))
    assert.deepEqual([answer.status, answer.text.includes('100 Continue')], [status, false])
    assert.equal(upstream.requests.length, before)
  })
}

test('who may is asked for the body, at an upstream and at our own pages', async () => {
  for (const [path, status] of [
    ['/api/x', 200],
    ['/account/extend', 303],
  ] as const) {
    const socket = connect(lab.port, '127.0.0.1').setEncoding('latin1')
    socket.write(head(path, `${ada}${ownOrigin()}Content-Type: application/x-www-form-urlencoded\r\n`))
    const [interim] = (await once(socket, 'data')) as [string]
    assert.equal(interim, 'HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('a=bcd')
    const [answer] = (await once(socket, 'data')) as [string]
    assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer)
    socket.destroy()
  }
  assert.deepEqual([upstream.requests.at(-1)?.body, upstream.requests.at(-1)?.all('expect')], ['a=bcd', []])
})
