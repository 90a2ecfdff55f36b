// Cross-origin resource sharing (Fetch standard §3.2): a fixed list of origins, preflights answered here, never upstream.

import { crossSiteErrors } from './errors.ts'
import type { Step } from './part.ts'

export interface CorsOptions {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposedHeaders: readonly string[]
  readonly credentials: boolean
  readonly maxAgeMs: number
}

/**
 * Answers preflights and marks answers to allowed origins. Without configured origins every preflight is refused, and so
 * it is on hosts of their own: the origins are those that may call the portal.
 */
export function createCorsStep(options: CorsOptions): Step {
  const allowed = new Set(options.origins)
  const preflightHeaders = {
    'access-control-allow-methods': options.methods.join(', '),
    'access-control-allow-headers': options.headers.join(', '),
    'access-control-max-age': String(Math.floor(options.maxAgeMs / 1000)),
  }
  return (ctx) => {
    const { origin } = ctx.request.headers
    const isPortal = ctx.appHost === undefined
    if (allowed.size > 0 && isPortal) ctx.responseHeaders.set('vary', 'Origin')
    const isAllowed = isPortal && origin !== undefined && allowed.has(origin)
    if (isAllowed) {
      ctx.responseHeaders.set('access-control-allow-origin', origin)
      if (options.credentials) ctx.responseHeaders.set('access-control-allow-credentials', 'true')
      if (options.exposedHeaders.length > 0) {
        ctx.responseHeaders.set('access-control-expose-headers', options.exposedHeaders.join(', '))
      }
    }
    const isPreflight =
      ctx.method === 'OPTIONS' &&
      origin !== undefined &&
      ctx.request.headers['access-control-request-method'] !== undefined
    if (!isPreflight) return undefined
    if (!isAllowed) throw crossSiteErrors.preflightRefused({})
    return { kind: 'empty', status: 204, headers: preflightHeaders }
  }
}
