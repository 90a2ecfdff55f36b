// A restart that nobody notices (security.md 7.2, SIGTERM): the balancer hears of it first, and no request fails.

import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { startGatewayProcess } from './gateway-process.ts'

const CLIENTS = 8
/** When this many have been answered, the process is told to stop. */
const BEFORE_STOP = 1_500
const AT_MOST = 3_000

test('SIGTERM under load: readiness goes first, clients that heed it see no failure, the process exits with 0', async () => {
  await using upstream = await startEchoUpstream()
  await using gateway = await startGatewayProcess({
    config: {
      server: { shutdown: { delay: '500ms', drain: '10s' } },
      upstreams: [{ path: '/api/', to: upstream.url, allow: ['public'] }],
    },
  })
  const seen = { answered: 0, afterSignal: 0, failures: [] as string[], readiness: [] as number[] }
  let isTold = false
  let isReady = true

  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let count = 0; isReady && count < AT_MOST / CLIENTS; count++) {
      const outcome = await ask(`${gateway.url}/api/load`, agent).catch((error: Error) => error.message)
      if (outcome !== 200) seen.failures.push(String(outcome))
      seen.answered++
      if (isTold) seen.afterSignal++
      if (seen.answered === BEFORE_STOP) {
        gateway.signal('SIGTERM')
        isTold = true
      }
    }
    agent.destroy()
  }
  const balancer = async (): Promise<void> => {
    while (isReady) {
      const status = await ask(`${gateway.url}/readyz`).catch((error: Error) => error.message)
      if (status !== seen.readiness.at(-1)) seen.readiness.push(status as number)
      isReady = status === 200
      await pause(20)
    }
  }

  await Promise.all([balancer(), ...Array.from({ length: CLIENTS }, client)])
  assert.deepEqual(seen.failures, [])
  assert.deepEqual(seen.readiness, [200, 503])
  assert.ok(seen.afterSignal > 0, 'requests were answered while the balancer had yet to hear of it')
  const { code, signal } = await gateway.exited
  assert.deepEqual({ code, signal }, { code: 0, signal: null })
})

const ask = (url: string, agent?: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url, agent === undefined ? { agent: false } : { agent }, (answer) => {
      answer.resume().once('error', reject)
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end()
  })
