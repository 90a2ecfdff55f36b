// Measures several proxies side by side: they take turns under the same load, so that whatever else the machine does
// meets all of them, and the middle one of each proxy's rounds counts.

import type { Peer } from './peers.ts'
import { readUsage } from './process-usage.ts'
import { applyLoad, type Load } from './wrk.ts'

export interface Measurement {
  readonly peer: string
  readonly requests: number
  readonly cpuUsPerRequest: number
  readonly cpuMsPerMiB: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly rssMiB: number
  /** Connections that broke or timed out. */
  readonly failures: number
}

export interface Contender {
  readonly peer: Peer
  readonly load: Omit<Load, 'seconds'>
}

export interface Rounds {
  readonly count: number
  readonly seconds: number
}

/** One measurement for each contender, in their order: the round with the middle CPU time. */
export async function measureInTurn(contenders: readonly Contender[], rounds: Rounds): Promise<readonly Measurement[]> {
  for (const { load } of contenders) await applyLoad({ ...load, seconds: 1 })
  const all = contenders.map((): Measurement[] => [])
  for (let round = 0; round < rounds.count; round++) {
    for (const [index, contender] of contenders.entries())
      all[index]?.push(await measureOnce(contender, rounds.seconds))
  }
  return all.map((measurements) => median(measurements, ({ cpuUsPerRequest }) => cpuUsPerRequest))
}

/** The middle one by size; of an even number the smaller of the two in the middle. */
export function median<T>(items: readonly T[], sizeOf: (item: T) => number): T {
  const middle = items.toSorted((a, b) => sizeOf(a) - sizeOf(b))[Math.floor((items.length - 1) / 2)]
  if (middle === undefined) throw new Error('there is no middle of nothing')
  return middle
}

async function measureOnce({ peer, load }: Contender, seconds: number): Promise<Measurement> {
  const before = readUsage(peer.pid)
  const result = await applyLoad({ ...load, seconds })
  const after = readUsage(peer.pid)
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds
  const bytes = result.bytes + result.requests * (load.bodyBytes ?? 0)
  return {
    peer: peer.name,
    requests: result.requests,
    cpuUsPerRequest: (cpuSeconds * 1e6) / result.requests,
    cpuMsPerMiB: (cpuSeconds * 1e3) / (bytes / MIB),
    p50Ms: result.p50Us / 1000,
    p99Ms: result.p99Us / 1000,
    rssMiB: after.rssBytes / MIB,
    failures: result.failures,
  }
}

const MIB = 1024 * 1024
