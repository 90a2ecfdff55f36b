// WebSockets in great numbers that say nothing (security.md 7.2): cheap to hold, no burden to those that talk, and gone
// when their clients are. The clients are in another process than the gateway, and the service in a thread of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGatewayProcess } from '../gateway/gateway-process.ts'
import { waitUntil } from '../support/programs.ts'
import { startEchoThread } from './echo-thread.ts'
import { quantileOf } from './pressure.ts'
import { cpuSeconds, openDescriptors, readLoopDelay, residentBytes, skipWithoutProc } from './process-figures.ts'
import { isSoak } from './soak.ts'
import { closeAll, echo, openTunnels } from './tunnels.ts'

const count = isSoak ? 9_000 : 300
const echoes = isSoak ? 3_000 : 300
/** Of so few, what the process grows by anyway is a good part. */
const kibEach = isSoak ? 40 : 120

test('idle tunnels are cheap, talking ones quick, and closed ones gone', { skip: skipWithoutProc }, async (t) => {
  await using upstream = await startEchoThread()
  await using gateway = await startGatewayProcess({
    config: {
      telemetry: { metrics: { listen: '127.0.0.1:0' } },
      upstreams: [
        { path: '/api/', to: upstream.url, allow: ['public'], webSockets: { maxPerSession: count, maxPerUser: count } },
      ],
    },
  })
  const { pid, port } = gateway
  // What the first ones cost is code, not tunnels.
  const atStart = openDescriptors(pid)
  const first = await openTunnels(port, 200)
  for (const tunnel of first) await echo(tunnel)
  await closeAll(first)
  await waitUntil(async () => openDescriptors(pid) < atStart + 10)
  const before = { bytes: residentBytes(pid), descriptors: openDescriptors(pid) }

  const tunnels = await openTunnels(port, count)
  const kib = (residentBytes(pid) - before.bytes) / 1_024 / count
  const held = openDescriptors(pid) - before.descriptors
  await readLoopDelay(gateway)
  const times: number[] = []
  for (let index = 0; index < echoes; index++) {
    times.push(await echo(tunnels[(index * 7) % tunnels.length] ?? assert.fail()))
  }
  const loop = await readLoopDelay(gateway)

  const cpuBefore = cpuSeconds(pid)
  await closeAll(tunnels)
  const closedAtMs = performance.now()
  await waitUntil(async () => openDescriptors(pid) <= before.descriptors * 1.1)
  const goneMs = performance.now() - closedAtMs

  const p99 = quantileOf(times, 0.99)
  t.diagnostic(`${count} tunnels, ${held} descriptors: ${kib.toFixed(1)} KiB each`)
  t.diagnostic(`echo p50 ${quantileOf(times, 0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`)
  t.diagnostic(
    `loop delay p99 ${loop.p99Ms.toFixed(1)} ms, longest ${loop.maxMs.toFixed(1)} ms (20 of them are the measuring timer's)`,
  )
  t.diagnostic(
    `descriptors back at ${openDescriptors(pid)} of ${before.descriptors} after ${goneMs.toFixed(0)} ms, for ${(cpuSeconds(pid) - cpuBefore).toFixed(1)} s of CPU`,
  )
  assert.ok(kib <= kibEach, `${kib} KiB each`)
  assert.ok(goneMs <= (isSoak ? 5_000 : 15_000), `${goneMs} ms`)
  if (!isSoak) return
  assert.ok(p99 <= 10, `echo p99 ${p99} ms`)
  assert.ok(loop.p99Ms <= 50, `loop delay p99 ${loop.p99Ms} ms`)
})
