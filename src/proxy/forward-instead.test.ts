// A body that a feature sends in place of the client's: with its own length and type, under the rules of any body.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { z } from 'zod'
import type { Mount } from '#http'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'
import { type InsteadBody, type ProxyApi, serviceShape } from './index.ts'
import { signerConfig } from './signers/drivers.ts'

/** Reads the client's body, turns it round, and sends that on. */
const reversing =
  (config: object, more: Pick<InsteadBody, 'contentType'> = {}, replace?: Buffer) =>
  (proxy: ProxyApi): readonly Mount[] => {
    const service = proxy.service({ id: 'manager', config: z.strictObject(serviceShape).parse(config) })
    const sign = signerConfig.parse({ type: 'backend-ai', mode: 'anonymous' })
    const lane = service.lane({ prefix: '/func/', sign })
    return [
      {
        id: 'func',
        prefix: '/func/',
        routeClass: 'proxied',
        authorize: () => ({ allow: true, rule: 'test' }),
        async serve(ctx, response) {
          if (ctx.request.headers.expect !== undefined) response.writeContinue()
          const own: Buffer[] = []
          ctx.request.on('data', (chunk: Buffer) => own.push(chunk))
          await once(ctx.request, 'end')
          const body = replace ?? Buffer.from(Buffer.concat(own).toReversed())
          await lane.forward(ctx, response, { body, ...more })
        },
      },
    ]
  }

const post = (port: number, headers: string, body: string) =>
  sendRaw(port, `POST /func/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}\r\n${body}`, /ok$|\}$/)

test('it goes out with its own length, the client’s type, and nothing that was said of the client’s bytes', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [], feature: reversing({ to: upstream.url }) })
  const stale = 'Content-Encoding: gzip\r\nContent-MD5: x\r\nDigest: x\r\nContent-Digest: x\r\nRepr-Digest: x\r\n'
  const chunks = '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
  await post(proxy.port, `${stale}Content-Type: text/Odd; a=b\r\nTransfer-Encoding: chunked\r\n`, chunks)
  const received = await upstream.request(0)
  assert.equal(received.body, 'edcba')
  const about = received.headers.filter(([name]) => /^(content|transfer|digest|repr)/.test(name))
  assert.deepEqual(about, [
    ['content-type', 'text/Odd; a=b'],
    ['content-length', '5'],
  ])
})

test('it may have a type of its own; a client that sent none says the default', async () => {
  await using upstream = await startRecordingUpstream()
  const typed = reversing({ to: upstream.url }, { contentType: 'application/json' })
  await using proxy = await startProxy({ upstreams: [], feature: typed })
  await post(proxy.port, 'Content-Type: text/plain\r\nContent-Length: 2\r\n', '}{')
  assert.deepEqual((await upstream.request(0)).all('content-type'), ['application/json'])

  await using plain = await startProxy({ upstreams: [], feature: reversing({ to: upstream.url }) })
  await post(plain.port, 'Content-Length: 2\r\n', '}{')
  assert.deepEqual((await upstream.request(1)).all('content-type'), ['application/octet-stream'])
})

test('an empty one is no body, also for what is said of its type', async () => {
  await using upstream = await startRecordingUpstream()
  const feature = reversing({ to: upstream.url }, {}, Buffer.alloc(0))
  await using proxy = await startProxy({ upstreams: [], feature })
  await post(proxy.port, 'Content-Length: 2\r\n', 'ab')
  const { body, all } = await upstream.request(0)
  assert.deepEqual([body, all('content-length'), all('content-type')], ['', ['0'], ['text/plain']])
})

test('the length that the client declared is not its length', async () => {
  await using upstream = await startRecordingUpstream()
  const feature = reversing({ to: upstream.url }, {}, Buffer.from('longer'))
  await using proxy = await startProxy({ upstreams: [], feature })
  assert.equal((await post(proxy.port, 'Content-Length: 2\r\n', 'ab')).status, 200)
  const { body, all } = await upstream.request(0)
  assert.deepEqual([body, all('content-length')], ['longer', ['6']])
})

test('a client that waits to be asked for its body is asked once, by who reads it', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [], feature: reversing({ to: upstream.url }) })
  const { text } = await post(proxy.port, 'Content-Length: 2\r\nExpect: 100-continue\r\n', 'ab')
  assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
})

test('it may not be longer than the service takes', async () => {
  await using upstream = await startRecordingUpstream()
  const feature = reversing({ to: upstream.url, bodyBytes: '10B' }, {}, Buffer.alloc(11))
  await using proxy = await startProxy({ upstreams: [], feature })
  assert.equal((await post(proxy.port, 'Content-Length: 1\r\n', 'a')).status, 413)
  assert.equal(upstream.accepted(), 0)
})

test('what could not be delivered goes to another endpoint; what was sent goes nowhere else', async () => {
  const away = await startRecordingUpstream()
  await away.close()
  await using upstream = await startRecordingUpstream()
  const typed = reversing({ to: [away.url, upstream.url] }, { contentType: 'application/json' })
  await using proxy = await startProxy({ upstreams: [], feature: typed })
  for (let each = 0; each < 2; each++) {
    assert.equal((await post(proxy.port, 'Content-Length: 3\r\n', 'abc')).status, 200)
  }
  assert.deepEqual(
    upstream.requests.map(({ body, all }) => [body, ...all('content-type')].join(' ')),
    ['cba application/json', 'cba application/json'],
  )
  assert.deepEqual(proxy.counts('upstream_repeats_total'), { manager: 1 })

  await using dying = await startRecordingUpstream((_request, socket) => void socket.destroy())
  const twice = { to: [dying.url, dying.url.replace('127.0.0.1', 'localhost')] }
  await using broken = await startProxy({ upstreams: [], feature: reversing(twice) })
  assert.equal((await post(broken.port, 'Content-Length: 3\r\n', 'abc')).status, 502)
  assert.equal(dying.requests.length, 1)
})

test('the client’s connection stays good, and it is not timed as if it were still sending', async () => {
  const gate = Promise.withResolvers<void>()
  await using upstream = await startRecordingUpstream(() =>
    gate.promise.then(() => 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  )
  const impatient = { to: upstream.url, timeouts: { idle: '20ms' } }
  await using proxy = await startProxy({ upstreams: [impatient], feature: reversing(impatient) })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(`POST /func/x HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: 3\r\n\r\nabc`)
  await upstream.request(0)
  const sendsNoMore = `POST /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: 10\r\n\r\npart`
  assert.equal((await sendRaw(proxy.port, sendsNoMore)).status, 0, 'who began later and stopped sending was cut off')
  gate.resolve()
  let text = ''
  for await (const chunk of client) {
    text += chunk
    if (text.endsWith('ok')) break
  }
  assert.match(text, /^HTTP\/1\.1 200 /)
  assert.doesNotMatch(text, /connection: close/i)
})
