// People and strangers at once in front of a Manager and its neighbours, on connections that they share as behind a front
// proxy, by every way that a request can go, while people come and leave, clients lose patience and services hang up: no
// request carries another's credential, cookie or session, and nobody gets another's answer.

import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { test } from 'node:test'
import { startBackendAiLab } from '../backend-ai/backend-ai-lab.ts'
import type { StandIn } from '../support/backend-ai/index.ts'
import { type Askers, accounts, createAskers } from './backend-ai-askers.ts'
import { createQuestion, faultOf, markFor, type Place, pick, waysOf } from './backend-ai-questions.ts'
import { createReceivedCheck } from './backend-ai-received.ts'
import { type Send, visit } from './backend-ai-visit.ts'
import { askBreakably } from './breakable-request.ts'
import { isSoak } from './soak.ts'

/** For each of two releases. */
const REQUESTS = isSoak ? 50_000 : 2_000
const AT_ONCE = 32
const CONNECTIONS = 16

/** Signed and sealed by the gateway alone; and with sessions that the Manager names, shares and hears the end of. */
for (const profile of ['26.2', '26.8'] as const) {
  test(`${profile}: ${REQUESTS} requests of people and strangers: nothing crosses`, {
    timeout: isSoak ? 1_800_000 : 120_000,
  }, async (t) => {
    await using lab = await startBackendAiLab({ profile, hasRouter: true, hasPipeline: true, manager: { accounts } })
    const askers = await createAskers(lab)
    const ways = waysOf({ isOpen: profile === '26.8' })
    const standIns = new Map<Place, StandIn>([
      ['manager', lab.manager],
      ['router', lab.router],
      ['pipeline', lab.pipeline],
    ])
    for (const standIn of standIns.values()) disturb(standIn, askers)
    const received = createReceivedCheck(standIns, { ways, askers })
    const found = [...received.check()]

    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
    const { hostname: host, port } = new URL(lab.gateway.url)
    const send: Send = (request) => askBreakably({ agent, host, port, ...request })
    const tally = { answered: 0, 'broken off': 0, cut: 0 }
    const known = askers.all.filter(({ login }) => login !== undefined)
    let next = 0
    const work = async (): Promise<void> => {
      while (next < REQUESTS && found.length < 10) {
        if (Math.random() < 0.01) {
          const visited = await visit(pick(known), { send, askers, url: lab.gateway.url })
          next += visited.asked
          if (visited.fault !== undefined) found.push(visited.fault)
        }
        const number = next++
        const question = await createQuestion(pick(askers.all), pick(ways), number, lab.gateway.url)
        const { method, target: path, headers, body } = question
        const ending = await send({ method, path, headers, body, breaksOff: Math.random() < 0.15 })
        tally[ending.kind] += 1
        const fault = faultOf(question, number, ending)
        if (fault !== undefined) found.push(fault)
        if (number % 500 === 0) found.push(...received.check())
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    agent.destroy()
    found.push(...received.check())
    const behind = received.connections()
    t.diagnostic(
      `${tally.answered} answered, ${tally['broken off']} broken off by clients, ${tally.cut} by services, ` +
        `${received.received} received there over ${behind.all} connections, ${behind.shared} of them shared, ` +
        `${askers.sessions.size} sessions; ${found.length} crossed`,
    )
    assert.deepEqual(found, [])
    assert.ok(tally['broken off'] > REQUESTS / 20 && tally.cut > REQUESTS / 100, 'hardly anything was broken off')
    assert.ok(behind.shared > behind.all / 10, 'hardly any connection was shared')
  })
}

/** What becomes of a request stands in its target. */
function disturb(standIn: StandIn, { all }: Askers): void {
  standIn.disturb({ kind: 'hang up' }, { target: /[?&]fate=hung\+up\b/ })
  standIn.disturb({ kind: 'cut off', afterBytes: 1_000 }, { target: /[?&]fate=cut\+off\b/ })
  for (const asker of all) {
    const headers = { 'Set-Cookie': `app=${asker.name}; Path=/`, 'Content-Type': 'text/plain' }
    const target = new RegExp(`[?&]by=${asker.name}&.*fate=marked\\b`)
    standIn.disturb({ kind: 'answer', status: 200, headers, body: markFor(asker) }, { target })
  }
}
