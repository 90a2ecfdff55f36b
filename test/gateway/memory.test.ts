// Streams of any size cost no memory (DESIGN, Forwarding): whoever reads slowly holds up whoever sends, and the gateway
// keeps no more than what two sockets hold. Measured on the process itself.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'

const MIB = 1_048_576
const SIZE = 256 * MIB
const ALLOWED = 40 * MIB
const skip = process.platform === 'linux' ? false : 'the memory of another process is read from /proc'

let service: Service
let gateway: GatewayProcess

before(async () => {
  if (skip !== false) return
  service = await startService()
  gateway = await startGatewayProcess({
    config: { upstreams: [{ path: '/api/', to: service.url, allow: ['public'] }] },
  })
  // What any stream costs is not counted: code that is compiled, garbage that is not yet collected.
  await download(128 * MIB, [])
  await upload(64 * MIB, [])
})
after(async () => {
  await gateway?.[Symbol.asyncDispose]()
  service?.server.closeAllConnections()
  service?.server.close()
})

test('a download of 256 MiB to a client that stops reading twice', { skip, timeout: 120_000 }, async () => {
  const grown = await growthDuring(() => download(SIZE, [1 * MIB, 100 * MIB]))
  assert.ok(grown < ALLOWED, `${(grown / MIB).toFixed(1)} MiB`)
})

test('an upload of 256 MiB to a service that stops reading twice', { skip, timeout: 120_000 }, async () => {
  const grown = await growthDuring(() => upload(SIZE, [1 * MIB, 100 * MIB]))
  assert.ok(grown < ALLOWED, `${(grown / MIB).toFixed(1)} MiB`)
})

/** By how much this raises the most that the process has ever had; what comes and goes with garbage is below that. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = peakBytes()
  await work()
  return peakBytes() - before
}

const peakBytes = (): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) * 1_024

interface Service {
  readonly server: Server
  readonly url: string
  /** Of the download that is under way. */
  sentBytes: number
  /** Where the service stops reading the next upload. */
  stopsAt: readonly number[]
}

/** Sends as much as the address says, and takes whatever comes. */
async function startService(): Promise<Service> {
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST') {
      void readWithStops(incoming, service.stopsAt, () => uploadedBytes)
        .then(String, String)
        .then((text) => response.end(text))
      return
    }
    const size = Number(incoming.url?.slice(1))
    response.writeHead(200, { 'content-length': size })
    service.sentBytes = 0
    void sendAll(response, size, (bytes) => {
      service.sentBytes = bytes
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sentBytes: 0, stopsAt: [] }
}

async function download(size: number, stopsAt: readonly number[]): Promise<void> {
  const [answer] = (await once(get(`${gateway.url}/api/${size}`, { agent: false }), 'response')) as [IncomingMessage]
  assert.equal(await readWithStops(answer, stopsAt, () => service.sentBytes), size)
}

let uploadedBytes = 0

async function upload(size: number, stopsAt: readonly number[]): Promise<void> {
  service.stopsAt = stopsAt
  uploadedBytes = 0
  const sent = request(`${gateway.url}/api/upload`, {
    method: 'POST',
    agent: false,
    headers: { 'content-length': size },
  })
  const answered = once(sent, 'response')
  await sendAll(sent, size, (bytes) => {
    uploadedBytes = bytes
  })
  const [answer] = (await answered) as [IncomingMessage]
  assert.equal(Buffer.concat(await answer.toArray()).toString(), String(size))
}

const block = Buffer.alloc(65_536, 'gatehouse')

/** As fast as the other side takes it. */
async function sendAll(to: NodeJS.WritableStream, size: number, onSent: (bytes: number) => void): Promise<void> {
  for (let sent = 0; sent < size; sent += block.length) {
    if (!to.write(block)) await once(to, 'drain')
    onSent(sent + block.length)
  }
  to.end()
}

/** Reads to the end, but at these places not before the sender is held up. @returns how much came */
async function readWithStops(from: IncomingMessage, stopsAt: readonly number[], sent: () => number): Promise<number> {
  let read = 0
  let stops = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    read += chunk.length
    if (read >= (stopsAt[stops] ?? Number.POSITIVE_INFINITY)) {
      stops++
      await untilHeldUp(sent)
      assert.ok(sent() - read < SIZE / 2, 'the sender is held up')
    }
  }
  return read
}

/** The kernel takes some tens of MiB before; then nothing is sent any more, which is seen only by looking twice. */
async function untilHeldUp(sent: () => number): Promise<void> {
  for (let seen = -1; seen !== sent(); await pause(250)) seen = sent()
}
