// Where people reach us, from the configuration and never from a request: redirect URIs, cookies,
// links and the Origin that counts as our own. The base path is in this URL whether a proxy in front strips it or not.

import { isRefusal, parseTarget } from './target.ts'

export interface PublicUrl {
  /** With the base path, without a slash at the end: `https://gate.example.org/x`. */
  readonly href: string
  /** As browsers write it in Origin. */
  readonly origin: string
  /** Lower case, with the port unless it is the scheme's own. */
  readonly host: string
  readonly isHttps: boolean
  /** Empty, or `/x`. */
  readonly basePath: string
  /** Adds the base path to a path of ours. */
  pathTo(path: string): string
  /** The full URL of a path of ours. */
  urlTo(path: string): string
  /** Takes the base path off a raw request target; one that lacks it had it stripped by the proxy in front. */
  belowBase(requestTarget: string): string
  /** Whether a Host header means us. */
  isOwnHost(host: string): boolean
}

export interface SettablePublicUrl extends PublicUrl {
  /** Without a configured URL the address is known only once the gateway listens. */
  settle(url: string): void
}

/** @param configured `server.url`; without it the base path is empty and `settle` says the rest. */
export function createPublicUrl(configured: string | undefined): SettablePublicUrl {
  let facts = readFacts(configured ?? 'http://unsettled.invalid')
  return Object.freeze({
    get href() {
      return `${facts.origin}${facts.basePath}`
    },
    get origin() {
      return facts.origin
    },
    get host() {
      return facts.host
    },
    get isHttps() {
      return facts.isHttps
    },
    get basePath() {
      return facts.basePath
    },
    pathTo: (path: string) => `${facts.basePath}${path}`,
    urlTo: (path: string) => `${facts.origin}${facts.basePath}${path}`,
    belowBase: (requestTarget: string) => stripBase(facts.basePath, requestTarget),
    isOwnHost: (candidate: string) => {
      const lower = candidate.toLowerCase()
      return lower === facts.host || lower === facts.hostWithDefaultPort
    },
    settle: (url: string) => {
      if (configured === undefined) facts = readFacts(url)
    },
  })
}

function readFacts(text: string) {
  const url = new URL(text)
  const basePath = url.pathname.replace(/\/+$/, '')
  if (basePath !== '' && isRefusal(parseTarget(basePath))) throw new Error(`not a base path: ${basePath}`)
  const isHttps = url.protocol === 'https:'
  const host = url.host.toLowerCase()
  return { origin: url.origin, host, hostWithDefaultPort: `${host}${isHttps ? ':443' : ':80'}`, isHttps, basePath }
}

function stripBase(basePath: string, requestTarget: string): string {
  if (basePath === '' || !requestTarget.startsWith(basePath)) return requestTarget
  const rest = requestTarget.slice(basePath.length)
  if (rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : requestTarget
}
