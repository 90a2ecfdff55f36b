// A signed GET in a session with one, two and four processes on the same port: what a request costs then, and how many
// are answered. The load, the upstream and the processes share the machine's processors.

import { type Gatehouse, logIn, startGatehouse } from '../gatehouse.ts'
import { measureInTurn, type Rounds } from '../measure.ts'
import { PREFIX, type Upstream } from '../upstream.ts'
import { find, type Outcome } from './scenario.ts'

const COUNTS = [1, 2, 4]
const nameOf = (processes: number): string => (processes === 1 ? '1 process' : `${processes} processes`)

export async function compareProcesses(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  const running: Gatehouse[] = []
  try {
    for (const processes of COUNTS) running.push(await startGatehouse({ upstream, processes, name: nameOf(processes) }))
    const contenders = []
    for (const peer of running) {
      const headers = { cookie: await logIn(peer, 'ada') }
      contenders.push({ peer, load: { url: `${peer.url}${PREFIX}small`, connections: 32, headers } })
    }
    const measurements = await measureInTurn(contenders, rounds)
    const of = (processes: number) => find(measurements, nameOf(processes))
    const several = COUNTS.filter((processes) => processes > 1)
    return {
      measurements,
      findings: several.flatMap((processes) => [
        {
          what: `CPU of a request with ${nameOf(processes)}, × with one`,
          value: of(processes).cpuUsPerRequest / of(1).cpuUsPerRequest,
        },
        { what: `requests answered by ${nameOf(processes)}, × by one`, value: of(processes).requests / of(1).requests },
      ]),
    }
  } finally {
    for (const peer of running) await peer.stop()
  }
}
