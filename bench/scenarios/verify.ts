// The question of a proxy in front about a request, beside nginx forwarding such a request.

import { logIn, startGatehouse } from '../gatehouse.ts'
import { measureInTurn, type Rounds } from '../measure.ts'
import { type Peer, startBarePeer, startNginxPeer } from '../peers.ts'
import { PREFIX, type Upstream } from '../upstream.ts'
import { find, type Outcome } from './scenario.ts'

export async function compareVerify(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  const nginx = await startNginxPeer(upstream.url)
  const running: Peer[] = [nginx]
  try {
    const gatehouse = await startGatehouse({ upstream, verifies: true })
    const bare = await startBarePeer()
    running.push(gatehouse, bare)
    const headers = {
      cookie: await logIn(gatehouse, 'ada'),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(gatehouse.url).host,
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': '/asked/report?id=17',
    }
    const measurements = await measureInTurn(
      [
        { peer: nginx, load: { url: `${nginx.url}${PREFIX}small`, connections: 32, headers } },
        { peer: gatehouse, load: { url: `${gatehouse.url}/auth/verify`, connections: 32, headers } },
        { peer: bare, load: { url: `${bare.url}/auth/verify`, connections: 32, headers } },
      ],
      rounds,
    )
    const cost = find(measurements, 'gatehouse').cpuUsPerRequest
    return {
      measurements,
      findings: [
        { what: 'CPU of a question (µs), or the next', value: cost, limit: 25 },
        { what: 'CPU of a question, × nginx', value: cost / find(measurements, 'nginx').cpuUsPerRequest, limit: 1.6 },
        {
          what: 'CPU of a question, × the least in this runtime',
          value: cost / find(measurements, 'bare').cpuUsPerRequest,
        },
      ],
    }
  } finally {
    for (const peer of running) await peer.stop()
  }
}
