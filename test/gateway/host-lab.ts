// A lab with services on hosts of their own, for the tests of this folder: the portal and the hosts are names that mean
// this machine, siblings below `lab.localhost`, and one that is no sibling.

import { Agent } from 'undici'
import { findFreePort } from '../support/programs.ts'
import { type Lab, type LabSettings, startLab } from './lab.ts'

export interface HostLab extends Lab {
  /** `http://notes.lab.localhost:PORT` and so on, by the first part of the name. */
  readonly origins: Readonly<Record<HostName, string>>
  /** A browser as far as cookies and redirects go. */
  visitor(): Visitor
}

export type HostName = 'gate' | 'notes' | 'plots' | 'far'

export interface HostLabSettings extends Omit<LabSettings, 'config'> {
  readonly upstreams: readonly object[]
  readonly config?: LabSettings['config']
  readonly basePath?: string
}

/** The names of the hosts, as an upstream says them. */
export const hostNames = { notes: 'notes.lab.localhost', plots: 'plots.lab.localhost', far: 'far.localhost' } as const

export async function startHostLab({
  upstreams,
  config = {},
  basePath = '',
  ...others
}: HostLabSettings): Promise<HostLab> {
  const port = await findFreePort()
  const originOf = (name: string): string => `http://${name}:${port}`
  const gate = originOf('gate.lab.localhost')
  const origins = {
    gate,
    notes: originOf(hostNames.notes),
    plots: originOf(hostNames.plots),
    far: originOf(hostNames.far),
  }
  const { server, ...rest } = config
  const { gate: _, ...hosts } = origins
  const lab = await startLab({
    ...others,
    config: {
      ...rest,
      upstreams,
      server: { url: gate + basePath, hosts: Object.values(hosts), listen: `127.0.0.1:${port}`, ...(server as object) },
    },
  })
  const visitor = (): Visitor => createVisitor(port)
  return Object.freeze({ ...lab, port, origins, visitor })
}

export interface Visit {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Keeps cookies by host name, each to itself, and says who it is for by Host alone: all names are one machine. */
export interface Visitor {
  /** As a page load: says that it wants a page. Redirects are not followed. */
  open(url: string, headers?: Record<string, string>): Promise<Visit>
  /** The same, over redirects to the end. */
  travel(url: string): Promise<Visit & { readonly way: readonly string[] }>
  send(url: string, options?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Visit>
  cookies(url: string): Map<string, string>
  cookieHeader(url: string): string
  logIn(
    gate: string,
    account: { readonly username: string; readonly password: string },
    returnTo?: string,
  ): Promise<Visit>
}

// The certificate of the tests is for another name; whom we talk to is not what they are about.
const agent = new Agent({ pipelining: 0, keepAliveTimeout: 1, connect: { rejectUnauthorized: false } })

export function createVisitor(port: number): Visitor {
  const jars = new Map<string, Map<string, string>>()
  const cookies = (url: string): Map<string, string> => {
    const { hostname } = new URL(url)
    const jar = jars.get(hostname) ?? new Map<string, string>()
    jars.set(hostname, jar)
    return jar
  }
  const cookieHeader = (url: string): string => [...cookies(url)].map((pair) => pair.join('=')).join('; ')

  const send: Visitor['send'] = async (url, { method = 'GET', headers = {}, body } = {}) => {
    const { protocol, host, pathname, search } = new URL(url)
    const cookie = cookieHeader(url)
    const answer = await agent.request({
      origin: `${protocol}//127.0.0.1:${port}`,
      path: pathname + search,
      method,
      headers: { host, ...(cookie !== '' && { cookie }), ...headers },
      body: body ?? null,
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) keep(cookies(url), line)
    return { url, status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }

  const open: Visitor['open'] = (url, headers = {}) => send(url, { headers: { ...asNavigation, ...headers } })

  return Object.freeze({
    open,
    send,
    cookies,
    cookieHeader,
    async travel(url: string) {
      const way = [url]
      let visit = await open(url)
      while (visit.status >= 300 && visit.status < 400) {
        if (way.length > 20) throw new Error(`lost on the way: ${way.slice(-3).join(' ')}`)
        const next = new URL(String(visit.headers.location), visit.url).href
        way.push(next)
        visit = await open(next)
      }
      return { ...visit, way }
    },
    logIn: (gate, account, returnTo = '/') =>
      send(`${gate}/auth/login/local`, {
        method: 'POST',
        headers: {
          origin: new URL(gate).origin,
          'content-type': 'application/x-www-form-urlencoded',
          ...asNavigation,
        },
        body: new URLSearchParams({ ...account, returnTo }).toString(),
      }),
  } satisfies Visitor)
}

const asNavigation = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

function keep(jar: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
  if (/; Max-Age=0(?:;|$)/.test(line)) jar.delete(name)
  else jar.set(name, value)
}
