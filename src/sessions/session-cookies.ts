// The names of our cookies, and how they are put on and taken off. Serialising and parsing is `http`'s.

import { type RequestContext, readCookies } from '#http'
import type { SessionsConfig } from './config.ts'

export interface SessionCookies {
  readonly session: OwnCookie
  /** Binds login attempts to the browser that began them. */
  readonly login: OwnCookie
  /** Instead of `session` on a host of its own. */
  readonly host: OwnCookie
  /** There: marks the browser that a ticket is for. */
  readonly arrival: OwnCookie
  /** One of a feature above, named like them. */
  named(part: string): OwnCookie
}

/** Said of a request that brought several different values. */
export const ambiguous: unique symbol = Symbol('ambiguous cookie')

export interface OwnCookie {
  readonly name: string
  /** What the request brought: one value, none, or several different ones, of which none may be believed. */
  read(ctx: RequestContext): string | undefined | typeof ambiguous
  set(ctx: RequestContext, value: string, maxAgeSeconds?: number): void
  clear(ctx: RequestContext): void
}

/** @param isPlain for http away from loopback, where browsers refuse `__Host-` and Secure. */
export function createSessionCookies({ cookieSuffix }: SessionsConfig, isPlain: boolean): SessionCookies {
  const prefix = isPlain ? 'gatehouse' : '__Host-gatehouse'
  const named = (part: string): OwnCookie => createOwnCookie(`${prefix}-${part}${cookieSuffix}`)
  return Object.freeze({
    session: createOwnCookie(`${prefix}${cookieSuffix}`),
    login: named('login'),
    host: named('host'),
    arrival: named('arrival'),
    named,
  })
}

function createOwnCookie(name: string): OwnCookie {
  const put = (ctx: RequestContext, value: string, maxAgeSeconds: number | undefined): void => {
    const cookies = ctx.responseCookies
    // A later word about the same cookie replaces the earlier one, such as a new session after a dead one.
    const before = cookies.findIndex((cookie) => cookie.name === name)
    if (before !== -1) cookies.splice(before, 1)
    cookies.push({ name, value, sameSite: 'Lax', ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) })
  }
  return Object.freeze({
    name,
    read(ctx: RequestContext) {
      const [first, ...others] = readCookies(ctx.request.headers.cookie, name)
      return others.every((other) => other === first) ? first : ambiguous
    },
    set: put,
    clear: (ctx: RequestContext) => put(ctx, '', 0),
  })
}
