// What is measured. Each scenario starts what it needs, measures, stops it, and says what it found and what was wanted.

import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeDirectory, removeDirectory } from '../test/support/programs.ts'
import { startApachePeer } from './apache-peer.ts'
import { assertSigned, type Gatehouse, logIn, startGatehouse } from './gatehouse.ts'
import { type Measurement, measureInTurn, median, type Rounds } from './measure.ts'
import { type Peer, startChpPeer, startNginxPeer } from './peers.ts'
import { readUsage } from './process-usage.ts'
import { fillWithSessions } from './stored-sessions.ts'
import { LARGE_BYTES, PREFIX, type Upstream } from './upstream.ts'
import type { Load } from './wrk.ts'

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

export const scenarios: Readonly<Record<string, Scenario>> = {
  small: compareSmall,
  body: compareBodies,
  upload: compareUploads,
  verify: compareVerify,
  sessions: compareStoredSessions,
  start: measureStart,
}

/** A signed GET in a session, beside forwarding the same request without any check, and with a session in Apache. */
async function compareSmall(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  return await withAllPeers(upstream, async (peers, cookie) => {
    const apache = await startApachePeer(upstream)
    try {
      const load = (peer: Peer, own = cookie) => ({
        url: `${peer.url}${PREFIX}small`,
        connections: 32,
        headers: { cookie: own },
      })
      const measurements = await measureInTurn(
        [...peers.map((peer) => ({ peer, load: load(peer) })), { peer: apache, load: load(apache, apache.cookie) }],
        rounds,
      )
      const cost = (name: string) => find(measurements, name).cpuUsPerRequest
      return {
        measurements,
        findings: [
          { what: 'CPU of a request, × nginx', value: cost('gatehouse') / cost('nginx'), limit: 3 },
          { what: 'CPU of a request, × configurable-http-proxy', value: cost('gatehouse') / cost('chp'), limit: 0.35 },
          { what: 'CPU of a request, × Apache with mod_auth_openidc', value: cost('gatehouse') / cost('apache') },
        ],
      }
    } finally {
      await apache.stop()
    }
  })
}

/** The same with answers of 64 MiB. */
function compareBodies(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  return compareLarge(upstream, rounds, 'answer', 'large')
}

/** The same with uploads of 64 MiB. */
function compareUploads(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
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

/** The question of a proxy in front about a request, beside nginx forwarding such a request. */
async function compareVerify(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  const nginx = await startNginxPeer(upstream.url)
  const running: Peer[] = [nginx]
  try {
    const gatehouse = await startGatehouse({ upstream, verifies: true })
    running.push(gatehouse)
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
      ],
      rounds,
    )
    const cost = find(measurements, 'gatehouse').cpuUsPerRequest
    return {
      measurements,
      findings: [
        { what: 'CPU of a question (µs), or the next', value: cost, limit: 25 },
        { what: 'CPU of a question, × nginx', value: cost / find(measurements, 'nginx').cpuUsPerRequest, limit: 1.6 },
      ],
    }
  } finally {
    for (const peer of running) await peer.stop()
  }
}

async function withAllPeers(upstream: Upstream, run: (peers: readonly Peer[], cookie: string) => Promise<Outcome>) {
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

const PEOPLE = 200
const FEW = 1_000
const MANY = 1_000_000

/** The same requests, by the same 200 people, in a store with a thousand sessions and in one with a million. */
async function compareStoredSessions(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
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

/** From nothing to the first answer, and what it holds when nobody asks for anything. */
async function measureStart(upstream: Upstream, { count }: Rounds): Promise<Outcome> {
  const times: number[] = []
  const memory: number[] = []
  for (let round = 0; round < count; round++) {
    const gatehouse = await startGatehouse({ upstream })
    times.push(gatehouse.startMs)
    await pause(2000)
    memory.push(readUsage(gatehouse.pid).rssBytes / 1024 / 1024)
    await gatehouse.stop()
  }
  return {
    measurements: [],
    findings: [
      { what: 'start to first answer (ms)', value: median(times, (time) => time), limit: 1000 },
      { what: 'idle memory (MiB)', value: median(memory, (mebibytes) => mebibytes), limit: 120 },
    ],
  }
}

function find(measurements: readonly Measurement[], peer: string): Measurement {
  const found = measurements.find((measurement) => measurement.peer === peer)
  if (found === undefined) throw new Error(`${peer} was not measured`)
  return found
}
