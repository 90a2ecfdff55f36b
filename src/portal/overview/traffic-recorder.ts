// Keeps what this process saw, each minute: what its metrics say now, less what they said before. Nothing of it happens
// while a request is answered.

import { type Clock, randomToken } from '#kernel'
import type { Telemetry } from '#telemetry'
import { addTraffic, noTraffic, readTraffic, type Traffic, trafficBetween } from './traffic.ts'
import type { TrafficStore } from './traffic-store.ts'

export const MINUTE_MS = 60_000
export const KEPT_MS = 24 * 60 * MINUTE_MS

export interface TrafficRecorder {
  /** What happened before is not counted. */
  start(): Promise<void>
  /** For a task that runs each minute. */
  record(): Promise<void>
}

export interface TrafficRecorderDeps {
  readonly clock: Clock
  readonly readMetrics: Telemetry['readMetrics']
  readonly store: TrafficStore
}

export function createTrafficRecorder({ clock, readMetrics, store }: TrafficRecorderDeps): TrafficRecorder {
  const process = randomToken(9)
  let before: Traffic = noTraffic
  let present: { readonly minute: number; readonly traffic: Traffic } | undefined

  return Object.freeze({
    async start() {
      before = readTraffic(await readMetrics())
    },

    async record() {
      const now = readTraffic(await readMetrics())
      const passed = trafficBetween(before, now)
      const minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
      // A task that runs twice in a minute adds to what it wrote.
      const traffic = present?.minute === minute ? addTraffic(present.traffic, passed) : passed
      // Between two runs that lie just before and just after a whole minute.
      if (present?.minute === minute - 2 * MINUTE_MS)
        await store.put(process, { minute: minute - MINUTE_MS, traffic: noTraffic })
      await store.put(process, { minute, traffic })
      before = now
      present = { minute, traffic }
      await store.removeBefore(minute - KEPT_MS)
    },
  })
}
