// The request that a proxy in front asks about. It is believed only where the peer is a trusted proxy: the caller has
// made sure of that. What has two readings is refused here, before anything is decided.

import { isRefusal, parseTarget, type RequestContext, type Target } from '#http'
import { verifyErrors } from './errors.ts'

export interface OriginalRequest {
  readonly method: string
  /** As in its Host header, in small letters. */
  readonly host: string
  readonly target: Target
  /** Whether it opens a WebSocket. */
  readonly isUpgrade: boolean
}

/** For proxies that say in headers what they ask about: nginx, Traefik, Caddy. */
export const QUESTION_PATH = '/auth/verify'
/** For Envoy, which appends the path of the original request and asks with its method and Host. */
export const APPENDED_PREFIX = '/auth/verify/for/'

/** @throws verify.unknownQuestion, verify.incompleteQuestion, verify.ambiguousTarget */
export function readOriginal(ctx: RequestContext): OriginalRequest {
  const { path, raw } = ctx.target
  const { headers } = ctx.request
  if (path === QUESTION_PATH) {
    return createOriginal(ctx, {
      method: headers['x-forwarded-method'],
      host: headers['x-forwarded-host'],
      uri: headers['x-forwarded-uri'],
    })
  }
  if (path.startsWith(APPENDED_PREFIX)) {
    // What X-Forwarded-* say here is the client's.
    return createOriginal(ctx, {
      method: ctx.method,
      host: headers.host,
      uri: raw.slice(APPENDED_PREFIX.length - 1),
    })
  }
  throw verifyErrors.unknownQuestion({
    reason: `A proxy asks at ${QUESTION_PATH}, without a slash at the end, or appends a path to ${APPENDED_PREFIX.slice(0, -1)}.`,
  })
}

interface Said {
  readonly method: string | readonly string[] | undefined
  readonly host: string | readonly string[] | undefined
  readonly uri: string | readonly string[] | undefined
}

function createOriginal({ request }: RequestContext, { method, host, uri }: Said): OriginalRequest {
  if (typeof method !== 'string' || !METHOD.test(method)) throw lacking('the method (X-Forwarded-Method)')
  if (typeof host !== 'string' || !HOST.test(host)) throw lacking('the host (X-Forwarded-Host)')
  if (typeof uri !== 'string' || uri === '') throw lacking('the address (X-Forwarded-Uri)')
  const target = parseTarget(uri)
  if (isRefusal(target)) throw verifyErrors.ambiguousTarget(target)
  const { upgrade = '', 'sec-websocket-key': key, 'sec-fetch-mode': mode } = request.headers
  // Proxies drop Upgrade, which is about one connection; the rest of a handshake comes through.
  const isUpgrade = /^websocket$/i.test(upgrade) || key !== undefined || mode === 'websocket'
  return { method, host: host.toLowerCase(), target, isUpgrade }
}

const lacking = (what: string) => verifyErrors.incompleteQuestion({ lacking: what })

/** Methods are case-sensitive (RFC 9110 §9.1); what policies name is in capital letters. */
const METHOD = /^[A-Z][A-Z-]*$/
/** One host, not the list that a chain of proxies makes. */
const HOST = /^(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
