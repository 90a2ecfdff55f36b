// Which endpoints of an upstream may be chosen: a state machine fed with how requests and health checks went.
// Two things leave an endpoint out, each for itself: failed checks (down), and failed requests (ejected, for a while that
// grows). Ejection never takes the last one; where none is left all the same, those are chosen from that pass their
// checks, and if none does, all (docs/develop/decisions/0015).

import type { Clock } from '#kernel'
import type { EjectionConfig, HealthCheckConfig } from './endpoints-config.ts'

export interface EndpointHealth<E> {
  /** From now on these, and no others; what is known of those that stay is kept. */
  setEndpoints(endpoints: readonly E[]): void
  /** Those to choose from; empty only where there are none. */
  usable(): readonly E[]
  /** Whether its health checks let it in; also if there are none. */
  isUp(endpoint: E): boolean
  isEjected(endpoint: E): boolean
  /** A request was answered. */
  succeeded(endpoint: E): void
  /** A request failed, and it was the endpoint's fault. */
  failed(endpoint: E): void
  /** A health check came to an end. */
  checked(endpoint: E, isGood: boolean): void
  /** Cancels what is timed. */
  stop(): void
}

export type HealthChange<E> =
  | { readonly kind: 'ejected'; readonly endpoint: E; readonly forMs: number }
  | { readonly kind: 'returned' | 'down' | 'up'; readonly endpoint: E }

export interface EndpointHealthOptions<E> {
  readonly ejection: EjectionConfig
  /** How many checks in a row it takes. */
  readonly thresholds: Pick<HealthCheckConfig, 'failures' | 'successes'>
  readonly clock: Clock
  readonly onChange: (change: HealthChange<E>) => void
}

interface Standing {
  /** Requests that failed in a row. */
  failures: number
  isEjected: boolean
  /** How long the last ejection was. */
  ejectedMs: number
  returnedAtMs: number
  cancelReturn: () => void
  isUp: boolean
  /** Checks in a row that said the other of `isUp`. */
  contrary: number
}

export function createEndpointHealth<E>(options: EndpointHealthOptions<E>): EndpointHealth<E> {
  const { ejection, thresholds, clock, onChange } = options
  const standings = new Map<E, Standing>()
  let usable: readonly E[] = []

  const judge = (): void => {
    const all = [...standings]
    const up = all.filter(([, { isUp }]) => isUp)
    const open = up.filter(([, { isEjected }]) => !isEjected)
    usable = ([open, up, all].find(({ length }) => length > 0) ?? []).map(([endpoint]) => endpoint)
  }
  const change = (what: HealthChange<E>): void => {
    judge()
    onChange(what)
  }

  const isLastUsable = (endpoint: E): boolean =>
    ![...standings].some(([each, { isUp, isEjected }]) => each !== endpoint && isUp && !isEjected)

  const eject = (endpoint: E, standing: Standing): void => {
    // It counts as in a row until the endpoint has been back for as long as it was away.
    const isAgain = clock.monotonicMs() - standing.returnedAtMs < standing.ejectedMs
    standing.ejectedMs = Math.min(isAgain ? standing.ejectedMs * 2 : ejection.time, ejection.maxTime)
    standing.isEjected = true
    standing.cancelReturn = clock.after(standing.ejectedMs, () => {
      standing.isEjected = false
      standing.returnedAtMs = clock.monotonicMs()
      // On probation: what still fails need not fail so often again.
      standing.failures = ejection.failures - 1
      change({ kind: 'returned', endpoint })
    })
    change({ kind: 'ejected', endpoint, forMs: standing.ejectedMs })
  }

  return Object.freeze({
    setEndpoints(endpoints: readonly E[]) {
      for (const [endpoint, { cancelReturn }] of standings) {
        if (endpoints.includes(endpoint)) continue
        cancelReturn()
        standings.delete(endpoint)
      }
      for (const endpoint of endpoints) if (!standings.has(endpoint)) standings.set(endpoint, createStanding())
      judge()
    },
    usable: () => usable,
    isUp: (endpoint: E) => standings.get(endpoint)?.isUp === true,
    isEjected: (endpoint: E) => standings.get(endpoint)?.isEjected === true,
    // What is heard of one that has been taken out concerns nobody any more.
    succeeded(endpoint: E) {
      const standing = standings.get(endpoint)
      // What began before the ejection says nothing about now.
      if (standing?.isEjected === false) standing.failures = 0
    },
    failed(endpoint: E) {
      const standing = standings.get(endpoint)
      if (standing === undefined || standing.isEjected) return
      standing.failures++
      if (standing.failures >= ejection.failures && !isLastUsable(endpoint)) eject(endpoint, standing)
    },
    checked(endpoint: E, isGood: boolean) {
      const standing = standings.get(endpoint)
      if (standing === undefined) return
      standing.contrary = isGood === standing.isUp ? 0 : standing.contrary + 1
      if (standing.contrary < (isGood ? thresholds.successes : thresholds.failures)) return
      if (isGood === standing.isUp) return
      standing.isUp = isGood
      standing.contrary = 0
      change({ kind: isGood ? 'up' : 'down', endpoint })
    },
    stop() {
      for (const { cancelReturn } of standings.values()) cancelReturn()
    },
  })
}

const createStanding = (): Standing => ({
  failures: 0,
  isEjected: false,
  ejectedMs: 0,
  returnedAtMs: Number.NEGATIVE_INFINITY,
  cancelReturn: () => {},
  isUp: true,
  contrary: 0,
})
