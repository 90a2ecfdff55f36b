// Gatehouse as an operator runs it (`gatehouse serve --config FILE`), and people logged in to it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { findFreePort, makeDirectory, runProgram } from '../test/support/programs.ts'
import { answers, ended, type Peer } from './peers.ts'
import { PREFIX, type Upstream } from './upstream.ts'

export interface Gatehouse extends Peer {
  /** From the start of the process to the first answer. */
  readonly startMs: number
}

export interface GatehouseOptions {
  readonly upstream: Pick<Upstream, 'url' | 'managerUrl'>
  readonly name?: string
  /** The data folder; one that is removed with the gateway if absent. */
  readonly data?: string
  readonly processes?: number
  /** Whether nginx in front of it may ask about what it serves at `/asked/`. */
  readonly verifies?: boolean
  /** Whether it takes the place of the webserver of Backend.AI as well. */
  readonly standsIn?: boolean
}

export async function startGatehouse(options: GatehouseOptions): Promise<Gatehouse> {
  const { upstream, name = 'gatehouse', data, processes = 1, verifies = false, standsIn = false } = options
  const directory = makeDirectory('bench')
  const url = `http://127.0.0.1:${await findFreePort()}`
  const config = join(directory, 'gatehouse.yaml')
  const base = configuration({ url, upstream, processes, data: data ?? join(directory, 'data') })
  const more = { ...(verifies && verifying(base)), ...(standsIn && standingIn(upstream)) }
  writeFileSync(config, stringify({ ...base, ...more }))
  const startedAt = performance.now()
  const program = await runProgram({
    path: MAIN,
    args: ['serve', '--config', config],
    directory,
    isReady: () => answers(`${url}/healthz`),
  })
  const startMs = performance.now() - startedAt
  return { name, url, pid: program.pid, startMs, stop: () => ended(program, directory) }
}

/** As it is published, and run as the command that it is; `run.ts` builds it first. */
export const BUILD = fileURLToPath(new URL('../.cache/bench-build', import.meta.url))
const MAIN = join(BUILD, 'src/main.js')

/** More than any machine answers, but counted: one client asks here as often as a thousand people elsewhere. */
const AS_MUCH_AS_IT_CAN = { all: '900000000/1m' }

interface Settings extends Required<Pick<GatehouseOptions, 'upstream' | 'processes' | 'data'>> {
  readonly url: string
}

/** Logs and metrics as by default: they are part of what a request costs. */
const configuration = ({ url, upstream, processes, data }: Settings) => ({
  server: {
    listen: new URL(url).host,
    processes,
    limits: { rates: { address: AS_MUCH_AS_IT_CAN, user: AS_MUCH_AS_IT_CAN } },
  },
  storage: { directory: data },
  telemetry: { metrics: { listen: '127.0.0.1:0' } },
  identity: [{ id: 'manager', type: 'backend-ai', endpoint: upstream.managerUrl }],
  upstreams: [
    {
      path: PREFIX,
      to: new URL(PREFIX, upstream.url).href,
      sign: { type: 'backend-ai', credential: 'manager' },
      allow: ['authenticated'],
    },
  ],
})

const verifying = (base: ReturnType<typeof configuration>) => ({
  server: { ...base.server, trustedProxies: ['127.0.0.1'] },
  verify: { services: [{ id: 'asked', path: '/asked/', allow: ['authenticated'] }] },
})

const standingIn = ({ url }: Pick<Upstream, 'url'>) => ({
  backendAi: {
    manager: { to: new URL(PREFIX, url).href },
    // Other people than those of `identity`, so that nothing is shared but the process.
    login: { provider: 'webserver' },
  },
})

/** Logs a person in through the form. @returns the Cookie header of their browser */
export async function logIn(gatehouse: Peer, username: string): Promise<string> {
  const answer = await fetch(`${gatehouse.url}/auth/login/manager`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: gatehouse.url, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ username, password: 'correct horse' }),
  })
  const cookie = answer.headers
    .getSetCookie()
    .map((header) => header.split(';')[0] ?? '')
    .find((pair) => pair.startsWith('__Host-gatehouse='))
  if (cookie === undefined) throw new Error(`${username} could not log in: ${answer.status} ${await answer.text()}`)
  return cookie
}

/**
 * @param prefix where the upstream is on the gateway
 * @throws unless a request with this cookie reaches the upstream, signed.
 */
export async function assertSigned(gatehouse: Peer, cookie: string, prefix = PREFIX): Promise<void> {
  const answer = await fetch(`${gatehouse.url}${prefix}authorization`, { headers: { cookie } })
  const received = await answer.text()
  if (!received.startsWith('BackendAI signMethod=HMAC-SHA256')) {
    throw new Error(`the upstream received no signature: ${answer.status} ${received}`)
  }
}
