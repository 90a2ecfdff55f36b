// What a scenario is, and what several of them do.

import { assertSigned, logIn, startGatehouse } from '../gatehouse.ts'
import type { Measurement, Rounds } from '../measure.ts'
import { type Peer, startChpPeer, startNginxPeer } from '../peers.ts'
import type { Upstream } from '../upstream.ts'

export interface Finding {
  readonly what: string
  readonly value: number
  /** At most this is wanted; undefined where nothing was promised. */
  readonly limit?: number
}

export interface Outcome {
  readonly measurements: readonly Measurement[]
  readonly findings: readonly Finding[]
}

export type Scenario = (upstream: Upstream, rounds: Rounds) => Promise<Outcome>

/** Gatehouse with somebody logged in, and those that forward without any check. */
export async function withAllPeers(
  upstream: Upstream,
  run: (peers: readonly Peer[], cookie: string) => Promise<Outcome>,
) {
  const peers: Peer[] = []
  try {
    peers.push(await startNginxPeer(upstream.url))
    const gatehouse = await startGatehouse({ upstream })
    peers.push(gatehouse, await startChpPeer(upstream.url))
    const cookie = await logIn(gatehouse, 'ada')
    await assertSigned(gatehouse, cookie)
    return await run(peers, cookie)
  } finally {
    for (const peer of peers) await peer.stop()
  }
}

/** @throws if it was not measured */
export function find(measurements: readonly Measurement[], peer: string): Measurement {
  const found = measurements.find((measurement) => measurement.peer === peer)
  if (found === undefined) throw new Error(`${peer} was not measured`)
  return found
}
