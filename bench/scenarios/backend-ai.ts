// In the place of the webserver of Backend.AI: a login with a hidden body and a thousand signed calls at /func/, beside as
// many signed GETs through an upstream of the same process, and beside nginx forwarding as many without any check.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hideBody } from '../../test/backend-ai/hide-body.ts'
import { makeDirectory, removeDirectory } from '../../test/support/programs.ts'
import { assertSigned, logIn, startGatehouse } from '../gatehouse.ts'
import { type Contender, type Measurement, measureInTurn, type Rounds } from '../measure.ts'
import { type Peer, startNginxPeer } from '../peers.ts'
import { PREFIX, type Upstream } from '../upstream.ts'
import { find, type Outcome } from './scenario.ts'

const PEOPLE = 200
const CALLS = 1_000
const WEBSERVER = 'gatehouse, /func/'
const LOGIN = 'login'

export async function compareBackendAi(upstream: Upstream, rounds: Rounds): Promise<Outcome> {
  const directory = makeDirectory('logins')
  const running: Peer[] = []
  try {
    const nginx = await startNginxPeer(upstream.url)
    running.push(nginx)
    const gatehouse = await startGatehouse({ upstream, standsIn: true })
    running.push(gatehouse)
    return summarize(await measureInTurn(await createContenders(nginx, gatehouse, directory), rounds))
  } finally {
    for (const peer of running) await peer.stop()
    removeDirectory(directory)
  }
}

async function createContenders(nginx: Peer, gatehouse: Peer, directory: string): Promise<readonly Contender[]> {
  const cookie = await logIn(gatehouse, 'ada')
  await assertSigned(gatehouse, cookie)
  const bodies = await hideLogins(gatehouse.url)
  const ownCookie = await logInAsWebUi(gatehouse, bodies[0] ?? '')
  await assertSigned(gatehouse, ownCookie, '/func/')
  const file = join(directory, 'logins')
  writeFileSync(file, `${bodies.join('\n')}\n`)

  const small = (peer: Peer): Contender => ({
    peer,
    load: { url: `${peer.url}${PREFIX}small`, connections: 32, headers: { cookie } },
  })
  const webserver = (name: string, every: number): Contender => {
    const url = `${gatehouse.url}/func/small`
    const load = { url, connections: 32, headers: { Cookie: ownCookie }, logins: { file, every } }
    return { peer: { ...gatehouse, name }, load }
  }
  return [small(nginx), small(gatehouse), webserver(WEBSERVER, CALLS), webserver(LOGIN, 0)]
}

function summarize(all: readonly Measurement[]): Outcome {
  const cost = (name: string): number => find(all, name).cpuUsPerRequest
  return {
    // A login is another kind of thing than the rest of the table.
    measurements: all.filter(({ peer }) => peer !== LOGIN),
    findings: [
      { what: 'CPU of a login and 1,000 signed calls (ms)', value: (cost(WEBSERVER) * (CALLS + 1)) / 1000 },
      { what: 'the same, × 1,001 GETs that nginx forwards', value: cost(WEBSERVER) / cost('nginx') },
      { what: 'the same, × 1,001 signed GETs through an upstream', value: cost(WEBSERVER) / cost('gatehouse') },
      { what: 'CPU of a login (ms)', value: cost(LOGIN) / 1000 },
    ],
  }
}

/** As the Web UI hides them from whoever reads along on plain HTTP. */
const hideLogins = (url: string): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: PEOPLE }, (_, person) =>
      hideBody(url, JSON.stringify({ username: `person${person}`, password: 'correct horse' })),
    ),
  )

/** @returns the Cookie header of their browser */
async function logInAsWebUi({ url }: Peer, body: string): Promise<string> {
  const headers = { 'content-type': 'text/plain', 'x-backendai-encoded': 'true' }
  const answer = await fetch(`${url}/server/login`, { method: 'POST', headers, body })
  const name = answer.headers.get('x-backendai-sessionid')
  if (name === null) throw new Error(`nobody could log in: ${answer.status} ${await answer.text()}`)
  return `AIOHTTP_SESSION=${name}`
}
