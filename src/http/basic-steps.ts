// The steps that need nothing but the request itself. The rest of the matrix comes from the features.

import type { AppHosts } from './app-hosts.ts'
import type { ClientReader } from './client.ts'
import type { EdgeContext } from './edge-context.ts'
import { httpErrors } from './errors.ts'
import type { Step } from './part.ts'
import type { PublicUrl } from './public-url.ts'

/** Names the request, for people who ask about it later. */
export const requestIdStep: Step = (ctx) => void ctx.responseHeaders.set('x-request-id', ctx.id)

/** Reads who asks from the socket, or from a proxy that the operator named. */
export const createTrustedProxyStep =
  (readClient: ClientReader): Step =>
  (ctx) => {
    ctx.client = readClient(ctx.request, (ctx as EdgeContext).listenerIsTls)
  }

/** Refuses what has two readings: the target, the frame, the host. */
export const createCanonicalTargetStep =
  (publicUrl: PublicUrl, hosts: AppHosts): Step =>
  (ctx) => {
    const { fault } = ctx as EdgeContext
    if (fault !== undefined) {
      ctx.log.warn({ event: 'security_violation', kind: 'ambiguous_request', reason: fault.detail }, 'refused')
      throw fault
    }
    if (ctx.method === 'TRACE') throw httpErrors.methodNotAllowed({ method: 'TRACE', allow: 'GET, HEAD, POST' })
    // Health checks come by address, whatever the Host.
    const { host = '' } = ctx.request.headers
    if (ctx.appHost !== undefined || publicUrl.isOwnHost(host) || HEALTH_PATHS.has(ctx.pattern)) return
    // A proxy that we trust may use any name for us, unless the name says which of us is meant. What it asks about other
    // requests comes with their name.
    if (ctx.client.viaTrustedProxy && (hosts.all.length === 0 || ctx.routeClass === 'verify')) return
    throw httpErrors.unknownHost({ publicOrigin: publicUrl.origin })
  }

const HEALTH_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz'])
