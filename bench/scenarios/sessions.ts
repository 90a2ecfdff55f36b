// The same requests, by the same 200 people, in a store with a thousand sessions and in one with a million.

import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory, removeDirectory } from '../../test/support/programs.ts'
import { type Gatehouse, logIn, startGatehouse } from '../gatehouse.ts'
import { measureInTurn, median, type Rounds } from '../measure.ts'
import type { Peer } from '../peers.ts'
import { fillWithSessions } from '../stored-sessions.ts'
import { PREFIX, type Upstream } from '../upstream.ts'
import { find, type Outcome } from './scenario.ts'

const PEOPLE = 200
const FEW = 1_000
const MANY = 1_000_000

export async function compareStoredSessions(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  const directory = makeDirectory('sessions')
  const cookieFile = join(directory, 'cookies')
  const folders = { few: join(directory, 'few'), many: join(directory, 'many') }
  const cookies = await logInPeople(upstream, folders.few)
  writeFileSync(cookieFile, `${cookies.join('\n')}\n`)
  cpSync(folders.few, folders.many, { recursive: true })
  const stored = { few: fillWithSessions(folders.few, FEW), many: fillWithSessions(folders.many, MANY) }

  const running: Gatehouse[] = []
  try {
    const few = await startGatehouse({ upstream, name: `${stored.few} sessions`, data: folders.few })
    running.push(few)
    const many = await startGatehouse({ upstream, name: `${stored.many} sessions`, data: folders.many })
    running.push(many)
    const first = { few: await firstReadMs(few, cookies), many: await firstReadMs(many, cookies) }
    const measurements = await measureInTurn(
      running.map((peer) => ({ peer, load: { url: `${peer.url}${PREFIX}small`, connections: 32, cookieFile } })),
      rounds,
    )
    const ratio = find(measurements, many.name).cpuUsPerRequest / find(measurements, few.name).cpuUsPerRequest
    return {
      measurements,
      findings: [
        { what: 'CPU of a request with 1,000,000 sessions, × with 1,000', value: ratio, limit: 1.1 },
        { what: 'first request of a session, of 1,000 (ms)', value: first.few },
        { what: 'first request of a session, of 1,000,000 (ms)', value: first.many },
        { what: 'start with 1,000,000 sessions (ms)', value: many.startMs, limit: 1000 },
      ],
    }
  } finally {
    for (const peer of running) await peer.stop()
    removeDirectory(directory)
  }
}

async function logInPeople(upstream: Upstream, data: string): Promise<readonly string[]> {
  const gatehouse = await startGatehouse({ upstream, data })
  try {
    const cookies: string[] = []
    for (let person = 0; person < PEOPLE; person++) cookies.push(await logIn(gatehouse, `person${person}`))
    return cookies
  } finally {
    await gatehouse.stop()
  }
}

/** The middle time of each person's first request, which the node must read from the store. */
async function firstReadMs({ url }: Peer, cookies: readonly string[]): Promise<number> {
  const times: number[] = []
  for (const cookie of cookies) {
    const startedAt = performance.now()
    const answer = await fetch(`${url}${PREFIX}small`, { headers: { cookie } })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`a stored session was not accepted: ${answer.status}`)
    times.push(performance.now() - startedAt)
  }
  return median(times, (time) => time)
}
