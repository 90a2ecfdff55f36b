// Answers and uploads of 64 MiB.

import { measureInTurn, type Rounds } from '../measure.ts'
import { LARGE_BYTES, PREFIX, type Upstream } from '../upstream.ts'
import type { Load } from '../wrk.ts'
import { find, type Outcome, withAllPeers } from './scenario.ts'

export function compareBodies(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  return compareLarge(upstream, rounds, 'answer', 'large')
}

export function compareUploads(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  const headers = { 'sec-fetch-site': 'same-origin' }
  return compareLarge(upstream, rounds, 'upload', 'upload', { headers, bodyBytes: LARGE_BYTES })
}

async function compareLarge(
  upstream: Upstream,
  rounds: Rounds,
  what: string,
  path: string,
  { headers, ...more }: Pick<Load, 'headers' | 'bodyBytes'> = {},
): Promise<Outcome> {
  return await withAllPeers(upstream, async (peers, cookie) => {
    const measurements = await measureInTurn(
      peers.map((peer) => {
        const url = `${peer.url}${PREFIX}${path}`
        return { peer, load: { url, connections: 2, headers: { cookie, ...headers }, ...more } }
      }),
      rounds,
    )
    const cost = (name: string) => find(measurements, name).cpuMsPerMiB
    const ratio = cost('gatehouse') / cost('nginx')
    return { measurements, findings: [{ what: `CPU of a 64 MiB ${what}, × nginx`, value: ratio, limit: 1.2 }] }
  })
}
