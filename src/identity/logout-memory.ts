// The way back from a provider at which a person logs out (OpenID Connect RP-Initiated Logout 1.0 §3): what we sent along
// must come back to the browser that we sent. Nothing else depends on it; our own session is over already.

import { hash } from 'node:crypto'
import { type RequestContext, readCookies } from '#http'
import { randomToken } from '#kernel'

/** Like all cookies that begin so, it is never sent to what is behind the door. */
const LOGOUT_COOKIE = '__Host-gatehouse-logout'
const MAX_AGE_SECONDS = 600

/** @returns the `state` to send along. */
export function beginWay(ctx: RequestContext): string {
  const value = randomToken(16)
  ctx.responseCookies.push({ name: LOGOUT_COOKIE, value, maxAgeSeconds: MAX_AGE_SECONDS, sameSite: 'Lax' })
  return stateOf(value)
}

/** Ends the way. @returns false if the browser was sent, and has not come back with what it was sent with. */
export function endWay(ctx: RequestContext): boolean {
  const [sent, ...others] = readCookies(ctx.request.headers.cookie, LOGOUT_COOKIE)
  if (sent === undefined) return true
  ctx.responseCookies.push({ name: LOGOUT_COOKIE, value: '', maxAgeSeconds: 0, sameSite: 'Lax' })
  const states = new URLSearchParams(ctx.target.query).getAll('state')
  return others.length === 0 && states.length === 1 && states[0] === stateOf(sent)
}

/** What stands in addresses, histories and logs of others tells nobody the cookie. */
const stateOf = (value: string): string => hash('sha256', value, 'base64url')
