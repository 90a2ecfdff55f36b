// How a session's name reaches the browser (§1.2, §2.1): as a cookie, and as a header that pages of other origins can read
// where they are allowed to ask.

import type { PublicUrl, RequestContext } from '#http'
import type { BackendAiConfig } from './config.ts'
import { SESSION_COOKIE, SESSION_HEADER } from './session-name.ts'

export interface SessionCookie {
  /** @param lifetimeMs how long the session has */
  set(ctx: RequestContext, name: string, lifetimeMs: number): void
  clear(ctx: RequestContext): void
}

const SAME_SITE = { lax: 'Lax', none: 'None' } as const

export function createSessionCookie(
  { sameSite }: BackendAiConfig['session']['cookie'],
  publicUrl: Pick<PublicUrl, 'isHttps'>,
): SessionCookie {
  const put = ({ responseCookies }: RequestContext, value: string, maxAgeSeconds: number): void => {
    // Asked each time: without `server.url` it is known only once the gateway listens.
    const isSecure = publicUrl.isHttps
    responseCookies.push({ name: SESSION_COOKIE, value, maxAgeSeconds, sameSite: SAME_SITE[sameSite], isSecure })
  }
  return Object.freeze({
    set(ctx: RequestContext, name: string, lifetimeMs: number) {
      put(ctx, name, Math.ceil(lifetimeMs / 1000))
      ctx.responseHeaders.set(SESSION_HEADER.toLowerCase(), name)
      expose(ctx, SESSION_HEADER)
    },
    clear: (ctx: RequestContext) => put(ctx, '', 0),
  })
}

/** Fetch §3.2.4. The step `cors` has said whether the origin may read anything. */
function expose({ responseHeaders }: RequestContext, name: string): void {
  if (!responseHeaders.has('access-control-allow-origin')) return
  const names = responseHeaders.get('access-control-expose-headers')?.split(', ') ?? []
  // An operator may have listed it, in any letter case.
  if (names.some((each) => each.toLowerCase() === name.toLowerCase())) return
  responseHeaders.set('access-control-expose-headers', [...names, name].join(', '))
}
