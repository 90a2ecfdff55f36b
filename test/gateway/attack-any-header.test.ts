// Whatever a stranger writes into a target or a header that we read, the answer is no fault of ours (500), at the portal
// and on a host of its own, and to what a proxy in front asks.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sendRaw } from '../support/raw-http.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type HostLab, hostNames, startHostLab } from './host-lab.ts'

let service: RecordingUpstream
let lab: HostLab
before(async () => {
  service = await startRecordingUpstream()
  lab = await startHostLab({
    upstreams: [
      { to: service.url, path: '/', host: hostNames.notes, allow: ['group:lab'] },
      { to: service.url, path: '/up/', allow: ['public'] },
      { to: service.url, path: '/lab/', allow: ['group:lab'] },
    ],
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      verify: { services: [{ id: 'wiki', path: '/wiki/', allow: ['authenticated'] }] },
    },
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await service.close()
})

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const names = words(`
  Cookie Origin Referer Accept Accept-Language Accept-Encoding Range If-None-Match If-Modified-Since If-Range
  Authorization Content-Type X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Uri X-Forwarded-Method
  Sec-Fetch-Site Sec-Fetch-Mode Sec-Fetch-Dest Sec-WebSocket-Key Sec-WebSocket-Version Sec-WebSocket-Protocol Upgrade
  Connection User-Agent TE Expect Via Forwarded Access-Control-Request-Method Access-Control-Request-Headers __proto__
  constructor X-Request-Id
`)
const TOKEN = `${'A'.repeat(22)}.${'A'.repeat(43)}`
const values = words(`
  websocket Upgrade GET /wiki/x navigate same-site text/html document 127.0.0.1 ::1%eth0 [::ffff:1.2.3.4]:9
  __Host-gatehouse= __Host-gatehouse=${TOKEN} __Host-gatehouse-known=x.y.z __Host-gatehouse-login=
  __Host-gatehouse-arrival=${'A'.repeat(43)} __Host-gatehouse-host=${TOKEN} dGhlIHNhbXBsZSBub25jZQ== 13 * bytes=0- = ; , %
  null http://notes.lab.localhost application/x-www-form-urlencoded application/json multipart/form-data
`)
const targets = words(`
  / /account /api/v1/me /auth/login /auth/login?returnTo= /auth/callback/local?state= /auth/verify /auth/verify/for/wiki/
  /auth/host?to= /auth/host /auth/return?to= /auth/arrive?ticket= /up/x /lab/x /healthz /docs/errors
  /auth/backchannel/local /auth/login/local /auth/logout /auth/assets/ /api/v1/sessions/
`)
const charactersFrom = (min: number, max: number) =>
  fc.string({ unit: fc.integer({ min, max }).map((code) => String.fromCharCode(code)), maxLength: 20 })
const text = charactersFrom(0x20, 0xff).map((characters) => characters.replaceAll('\x7f', ''))
const value = fc.array(fc.oneof(fc.constantFrom(...values), text), { maxLength: 4 }).map((parts) => parts.join(''))
const target = fc.tuple(fc.constantFrom(...targets), charactersFrom(0x21, 0x7e)).map((parts) => parts.join(''))
const headers = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 })
const method = fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE')

test('no method, target, header or body makes a fault of ours', async () => {
  const { gate, notes } = lab.origins
  const host = fc.constantFrom(gate, notes).map((origin) => new URL(origin).host)
  await fc.assert(
    fc.asyncProperty(method, target, host, headers, text, async (verb, path, name, lines, content) => {
      const body = verb === 'POST' ? content : ''
      const head = [
        `${verb} ${path} HTTP/1.1`,
        `Host: ${name}`,
        ...lines.map((line) => line.join(': ')),
        ...(verb === 'POST' ? [`Content-Length: ${body.length}`] : []),
        'Connection: close',
      ]
      const answer = await sendRaw(lab.port, Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'))
      assert.notEqual(answer.status, 500, answer.text)
    }),
    { numRuns: 600, examples: [['GET', '/auth/login?returnTo=/%25ff', new URL(gate).host, [], '']] },
  )
  assert.deepEqual(
    lab.gateway.logs.filter(({ level }) => level === 'error'),
    [],
  )
})
