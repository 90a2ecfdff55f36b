// Whatever a client sends, gateway and service agree on where one request ends and the next one begins (security.md M1):
// some 330 messages that servers have been known to read in two ways, each with a second request behind it that has no
// session. What the service gets is read by three parsers, and each finds the requests that the gateway logged.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isMissing } from '../support/programs.ts'
import { sendRaw } from '../support/raw-http.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { END, startRequestReaders } from '../support/request-readers.ts'
import { desyncCases } from './desync-cases.ts'
import { type Lab, startLab } from './lab.ts'

/** Everything that came over each connection. */
const received: Buffer[][] = []
let upstream: RecordingUpstream
let lab: Lab
let common = ''

before(async () => {
  upstream = await startRecordingUpstream(() => ok(), {
    onConnection: (socket, index) => {
      received[index] = []
      socket.on('data', (chunk: Buffer) => received[index]?.push(chunk))
    },
  })
  lab = await startLab({
    config: {
      server: { limits: { headTime: '1s', bodyTime: '1s' } },
      upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }],
    },
  })
  const cookie = (await lab.logIn('ada')).cookieHeader()
  common = `Host: 127.0.0.1:${lab.port}\r\nOrigin: ${lab.url}\r\nCookie: ${cookie}\r\n`
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

for (const [index, { name, message, arrives, endsConnection = false }] of desyncCases.entries()) {
  const outcome = arrives === undefined ? 'does not pass' : 'passes as it is meant'
  test(`${outcome}: ${name}`, async () => {
    const before = upstream.requests.length
    const second = `GET /api/smuggled HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nConnection: close\r\n\r\n`
    const { text } = await sendRaw(lab.port, Buffer.from(message(`/api/case-${index}`, common) + second, 'latin1'))
    const arrived = upstream.requests.slice(before).map(({ target, body }) => [/^\/[^/?]*/.exec(target)?.[0], body])
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
    if (arrives === undefined) {
      assert.deepEqual(arrived, [])
      assert.ok((statuses[0] ?? 400) >= 400, text)
    } else {
      assert.deepEqual(arrived, [[`/case-${index}`, arrives]], text)
      const answers = statuses.filter((status) => status !== 100)
      assert.deepEqual(answers, endsConnection ? [200] : [200, 401], 'what is behind it is a request of its own')
    }
  })
}

test('three parsers find in what arrived the requests that were logged, and no other', async (t) => {
  const readers = await startRequestReaders()
  if (isMissing(readers)) return t.skip(readers.missing)
  await using started = new AsyncDisposableStack()
  for (const reader of readers) started.use(reader)
  const logged = lab.gateway.logs
    .filter(({ event, status }) => event === 'proxy_request' && status === 200)
    .map(({ method, path }) => `${String(method)} ${String(path).replace(/^\/api(\/case-\d+).*$/, '$1')}`)
  for (const reader of readers) {
    const read: string[] = []
    for (const [connection, chunks] of received.entries()) {
      const bytes = Buffer.concat(chunks)
      const found = (await reader.read(bytes)).map((each) => each.replace(/(case-\d+)[/?].*$/, '$1'))
      const whole = upstream.requests.filter((request) => request.connection === connection).length
      const begun = bytes.toString('latin1').match(/[A-Z] \/case-/g)?.length
      // What went wrong in the middle of its content is never ended: nobody finds another request behind it.
      if (begun === whole) assert.equal(found[whole], END, `${reader.name} has lost count: ${found.join()}`)
      assert.ok(found.length <= whole + 1, `${reader.name} finds more: ${found.join()}`)
      read.push(...found.slice(0, whole))
    }
    assert.deepEqual(read.toSorted(), logged.toSorted(), reader.name)
  }
})
