// Two nodes are restarted in turn under load, behind a balancer that heeds their readiness (security.md 7.2, SIGTERM): no
// request fails, each process ends with 0 within 30 seconds, and tunnels are told in time that they must connect again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GatewayProcess, startGatewayProcess } from '../gateway/gateway-process.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type EchoThread, startEchoThread } from './echo-thread.ts'
import { quantile, startPressure, tally } from './pressure.ts'
import { isSoak } from './soak.ts'
import { closeCodeOf, openTunnels } from './tunnels.ts'

const requests = isSoak ? 50_000 : 2_000
const perSecond = isSoak ? 500 : 250
const tunnels = isSoak ? 1_000 : 50
const DRAIN_MS = 15_000
const EXIT_MS = 30_000

test('nodes are restarted in turn under load, and nobody notices', { timeout: 1_200_000 }, async (t) => {
  await using upstream = await startEchoThread()
  await using balancer = await startBalancer()
  const nodes = [await startNode(upstream, balancer), await startNode(upstream, balancer)]
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })
  await using pressure = startPressure([{ what: 'service', url: `${balancer.url}/api/load` }], perSecond)
  await pressure.next(({ status }) => status === 200)

  const exitMs: number[] = []
  const closeMs: number[] = []
  // Both of them, and in a long run again and again.
  while (pressure.answers.length < requests || exitMs.length < 2) {
    const node = nodes.shift() ?? assert.fail()
    await using leaving = node
    const host = new URL(leaving.url).host
    const codes = (await openTunnels(listeningPort(leaving), tunnels, { host })).map(closeCodeOf)
    const toldAtMs = performance.now()
    leaving.signal('SIGTERM')
    assert.deepEqual(new Set(await Promise.all(codes)), new Set([1012]))
    closeMs.push(performance.now() - toldAtMs)
    const { code, signal, atMs } = await leaving.exited
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
    exitMs.push(atMs - toldAtMs)
    nodes.push(await startNode(upstream, balancer))
  }

  const answers = await pressure.stop()
  t.diagnostic(`${exitMs.length} restarts; ${tally(answers)}; p99 ${quantile(answers, 0.99)} ms`)
  t.diagnostic(
    `${tunnels} tunnels closed with 1012 after ${seconds(closeMs)} s at the latest; exit 0 after ${seconds(exitMs)} s`,
  )
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  )
  assert.ok(Math.max(...closeMs) <= DRAIN_MS, `tunnels closed after ${seconds(closeMs)} s`)
  assert.ok(Math.max(...exitMs) <= EXIT_MS, `exit after ${seconds(exitMs)} s`)
})

/** Its own; what people open is the balancer's. */
const listeningPort = ({ listening }: GatewayProcess): number => Number(listening[0]?.split(':').at(-1))

const seconds = (times: readonly number[]): string => (Math.max(...times) / 1_000).toFixed(1)

/** Resolves when the balancer has found it ready. */
async function startNode(upstream: EchoThread, balancer: Balancer): Promise<GatewayProcess> {
  const node = await startGatewayProcess({
    config: {
      server: { url: balancer.url, shutdown: { delay: '500ms', drain: `${DRAIN_MS}ms` } },
      upstreams: [
        {
          path: '/api/',
          to: upstream.url,
          allow: ['public'],
          webSockets: { maxPerSession: tunnels, maxPerUser: tunnels },
        },
      ],
    },
  })
  await balancer.add(`http://127.0.0.1:${listeningPort(node)}`)
  return node
}
