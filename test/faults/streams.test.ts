// Streams of any length (security.md 7.2): a client that reads slowly costs no memory however much comes, events arrive
// when they are sent meanwhile, and what nobody reads any more is not fetched any longer.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type GatewayProcess, startGatewayProcess } from '../gateway/gateway-process.ts'
import { quantileOf } from './pressure.ts'
import { MIB, peakBytes, readLoopDelay, residentBytes, skipWithoutProc } from './process-figures.ts'
import { isSoak } from './soak.ts'

const size = (isSoak ? 5_120 : 96) * MIB
/** Read as slowly before. */
const warmUp = (isSoak ? 256 : 8) * MIB
/** Slower than anything here could send. */
const bytesPerSecond = (isSoak ? 40 : 24) * MIB
const allowedMib = isSoak ? 20 : 40
const events = isSoak ? 2_000 : 100
const aborts = isSoak ? 200 : 20
const limitMs = isSoak ? 1_000 : 5_000

let service: Service
let gateway: GatewayProcess

before(async () => {
  service = await startService()
  gateway = await startGatewayProcess({
    config: {
      telemetry: { metrics: { listen: '127.0.0.1:0' } },
      upstreams: [{ path: '/api/', to: service.url, allow: ['public'] }],
    },
  })
})
after(async () => {
  await gateway[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

test('a long download by a slow client, and events beside it', {
  skip: skipWithoutProc,
  timeout: 600_000,
}, async (t) => {
  const { pid } = gateway
  // Code that is compiled, garbage that is not yet collected and the room that V8 takes for it while somebody reads slowly
  // are no cost of a stream's length.
  await readSlowly(await open(`/bytes/${256 * MIB}`), Number.POSITIVE_INFINITY)
  await readSlowly(await open(`/bytes/${warmUp}`), bytesPerSecond)
  const [peakBefore, residentBefore] = [peakBytes(pid), residentBytes(pid)]

  const listening = [await open('/events'), await open('/events', service.url)] as const
  await readLoopDelay(gateway)
  const startedAtMs = performance.now()
  const [read, delays] = await Promise.all([
    open(`/bytes/${size}`).then((answer) => readSlowly(answer, bytesPerSecond)),
    delaysOf(...listening),
  ])
  const tookS = (performance.now() - startedAtMs) / 1_000
  const grownMib = (peakBytes(pid) - peakBefore) / MIB
  assert.equal(read, size)

  const through = delays.map(({ throughMs }) => throughMs)
  // This machine's own haste and idleness is in both.
  const added = delays.map(({ throughMs, directMs }) => Math.max(0, throughMs - directMs))
  const loop = await readLoopDelay(gateway)
  t.diagnostic(
    `${size / MIB} MiB in ${tookS.toFixed(0)} s: peak of memory +${grownMib.toFixed(1)} MiB, ` +
      `resident ${((residentBytes(pid) - residentBefore) / MIB).toFixed(1)} MiB more`,
  )
  t.diagnostic(`${delays.length} events beside it: ${spread(through)}; the gateway adds ${spread(added)}`)
  t.diagnostic(`loop delay p99 ${loop.p99Ms.toFixed(1)} ms, longest ${loop.maxMs.toFixed(1)} ms`)
  assert.ok(grownMib < allowedMib, `${grownMib} MiB`)
  assert.ok(quantileOf(through, 0.5) <= 50, 'half of the events within 50 ms')
  if (isSoak) assert.ok(quantileOf(added, 0.99) <= 50, `p99 ${quantileOf(added, 0.99)} ms`)
})

const spread = (times: readonly number[]): string =>
  `p50 ${quantileOf(times, 0.5).toFixed(1)} ms, p99 ${quantileOf(times, 0.99).toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms`

test('the upstream is let go when the client goes', async (t) => {
  const times: number[] = []
  for (let index = 0; index < aborts; index++) {
    // In the middle of a body, and while nothing comes.
    const answer = await open(index % 2 === 0 ? `/bytes/${64 * MIB}` : '/events')
    const atUpstream = service.latest()
    if (index % 2 === 0) await once(answer, 'readable')
    const goneAtMs = performance.now()
    answer.destroy()
    if (!atUpstream.closed) await once(atUpstream, 'close')
    times.push(performance.now() - goneAtMs)
  }
  t.diagnostic(
    `${aborts} aborts: upstream let go after ${quantileOf(times, 0.5).toFixed(1)} ms, at the latest ${Math.max(...times).toFixed(1)} ms`,
  )
  assert.ok(Math.max(...times) <= limitMs, `${Math.max(...times)} ms`)
})

interface Service extends AsyncDisposable {
  readonly url: string
  /** What is answered on it, of the last request. */
  latest(): ServerResponse
  /** To all who listen. */
  emit(data: string): void
}

async function startService(): Promise<Service> {
  let last: ServerResponse | undefined
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    last = response
    const [, bytes] = /^\/bytes\/(\d+)$/.exec(request.url ?? '') ?? []
    if (bytes !== undefined) return void sendAll(response, Number(bytes))
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    listeners.add(response)
    response.once('close', () => listeners.delete(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    latest: () => last ?? assert.fail('nobody asked'),
    emit: (data) => {
      for (const response of listeners) response.write(`data: ${data}\n\n`)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const block = Buffer.alloc(65_536, 'gatehouse')

/** As fast as it is taken, until all is sent or nobody is there. */
async function sendAll(to: ServerResponse, bytes: number): Promise<void> {
  to.writeHead(200, { 'content-length': bytes })
  const blocks = (function* () {
    for (let sent = 0; sent < bytes; sent += block.length) yield block
  })()
  await pipeline(Readable.from(blocks), to).catch(() => {})
}

async function open(path: string, base = `${gateway.url}/api`): Promise<IncomingMessage> {
  const [answer] = await once(get(base + path, { agent: false }), 'response')
  return (answer as IncomingMessage).on('error', () => {})
}

/** @returns how much came */
async function readSlowly(from: IncomingMessage, perSecond: number): Promise<number> {
  const startedAtMs = performance.now()
  let read = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    read += chunk.length
    const earlyMs = (read / perSecond) * 1_000 - (performance.now() - startedAtMs)
    if (earlyMs > 5) await pause(earlyMs)
  }
  return read
}

interface Delay {
  readonly throughMs: number
  /** Of the same event to somebody who listens at the service itself. */
  readonly directMs: number
}

/** Sends events, each when the one before has come. */
async function delaysOf(through: IncomingMessage, direct: IncomingMessage): Promise<readonly Delay[]> {
  const delays: Delay[] = []
  while (delays.length < events) {
    const sentAtMs = performance.now()
    const comesTo = (listener: IncomingMessage): Promise<number> =>
      once(listener, 'data').then(() => performance.now() - sentAtMs)
    const come = Promise.all([comesTo(through), comesTo(direct)])
    service.emit('now')
    const [throughMs, directMs] = await come
    delays.push({ throughMs, directMs })
    // Spread over the download, rather than all at its start.
    await pause(25)
  }
  through.destroy()
  direct.destroy()
  return delays
}
