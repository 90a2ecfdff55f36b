// Asks endpoints how they are, each over a connection of its own that no request has to share: so that a check also
// tells whether new connections come about. Sends nothing that belongs to a person and follows no redirect.

import type { Clock } from '#kernel'
import { createConnector } from './connection-pool.ts'
import type { HealthCheckConfig } from './endpoints-config.ts'
import type { UpstreamTls } from './tls-config.ts'
import { Client, requestOf } from './undici.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export interface HealthChecks<E> {
  /** Asks all at once, then each interval. */
  start(): void
  /** Asks these at once, if any are asked yet. */
  checkNow(endpoints: readonly E[]): void
  stop(): void
}

export interface HealthChecksOptions<E> {
  /** As they are at the time. */
  readonly endpoints: () => readonly E[]
  readonly config: HealthCheckConfig
  readonly tls: UpstreamTls | undefined
  readonly clock: Clock
  readonly onResult: (endpoint: E, isGood: boolean) => void
}

export function createHealthChecks<E extends { readonly url: UpstreamUrl }>({
  endpoints,
  config,
  tls,
  clock,
  onResult,
}: HealthChecksOptions<E>): HealthChecks<E> {
  const { path, timeout, interval } = config
  const isGood = (status: number): boolean => config.statuses?.includes(status) ?? (status >= 200 && status <= 299)
  const running = new Set<E>()
  let stopTicking: (() => void) | undefined
  let stopping = new AbortController()

  const ask = async (endpoint: E): Promise<boolean> => {
    const { url } = endpoint
    const deadline = new AbortController()
    const cancel = clock.after(timeout, () => deadline.abort())
    const connect = createConnector({ url, tls, connectMs: timeout, clock })
    const client = new Client(url.origin, { connect, allowH2: false, pipelining: 0 })
    try {
      const signal = AbortSignal.any([deadline.signal, stopping.signal])
      const headers = { accept: '*/*', 'user-agent': 'gatehouse-health-check' }
      const { statusCode, body } = await requestOf(client, { method: 'GET', path, headers, signal })
      // The status is the answer; what else it says is not read.
      body.on('error', () => {}).destroy()
      return isGood(statusCode)
    } catch {
      return false
    } finally {
      cancel()
      await client.destroy()
    }
  }

  const check = async (endpoint: E): Promise<void> => {
    // One at a time, should the time limit be longer than the interval.
    if (running.has(endpoint)) return
    running.add(endpoint)
    const result = await ask(endpoint)
    running.delete(endpoint)
    if (!stopping.signal.aborted) onResult(endpoint, result)
  }

  const checkEach = (those: readonly E[]): void => {
    for (const endpoint of those) void check(endpoint)
  }

  return Object.freeze({
    start() {
      stopping = new AbortController()
      stopTicking = clock.every(interval, () => checkEach(endpoints()))
      checkEach(endpoints())
    },
    checkNow(those: readonly E[]) {
      if (stopTicking !== undefined) checkEach(those)
    },
    stop() {
      stopTicking?.()
      stopTicking = undefined
      stopping.abort()
    },
  })
}
