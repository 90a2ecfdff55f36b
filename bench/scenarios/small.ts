// A signed GET in a session, beside forwarding the same request without any check, and with a session in Apache.

import { startApachePeer } from '../apache-peer.ts'
import { measureInTurn, type Rounds } from '../measure.ts'
import { type Peer, startBarePeer } from '../peers.ts'
import { PREFIX, type Upstream } from '../upstream.ts'
import { find, type Outcome, withAllPeers } from './scenario.ts'

export async function compareSmall(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  return await withAllPeers(upstream, async (peers, cookie) => {
    const apache = await startApachePeer(upstream)
    const bare = await startBarePeer(upstream.url)
    try {
      const load = (peer: Peer, own = cookie) => ({
        url: `${peer.url}${PREFIX}small`,
        connections: 32,
        headers: { cookie: own },
      })
      const measurements = await measureInTurn(
        [
          ...[...peers, bare].map((peer) => ({ peer, load: load(peer) })),
          { peer: apache, load: load(apache, apache.cookie) },
        ],
        rounds,
      )
      const cost = (name: string) => find(measurements, name).cpuUsPerRequest
      return {
        measurements,
        findings: [
          { what: 'CPU of a request, × nginx', value: cost('gatehouse') / cost('nginx'), limit: 3 },
          { what: 'CPU of a request, × configurable-http-proxy', value: cost('gatehouse') / cost('chp'), limit: 0.35 },
          { what: 'CPU of a request, × the least in this runtime', value: cost('gatehouse') / cost('bare'), limit: 2 },
          { what: 'CPU of the least in this runtime, × nginx', value: cost('bare') / cost('nginx') },
          { what: 'CPU of a request, × Apache with mod_auth_openidc', value: cost('gatehouse') / cost('apache') },
        ],
      }
    } finally {
      await bare.stop()
      await apache.stop()
    }
  })
}
