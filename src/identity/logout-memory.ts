// The way back from a provider at which a person logs out (OpenID Connect RP-Initiated Logout 1.0 §3): what we sent along
// must come back to the browser that we sent. Nothing else depends on it; our own session is over already.

import { hash } from 'node:crypto'
import type { RequestContext } from '#http'
import { randomToken } from '#kernel'
import type { OwnCookie } from '#sessions'

const MAX_AGE_SECONDS = 600

export interface LogoutWays {
  /** @returns the `state` to send along. */
  begin(ctx: RequestContext): string
  /** Ends the way. @returns false if the browser was sent, and has not come back with what it was sent with. */
  end(ctx: RequestContext): boolean
}

export const createLogoutWays = (cookie: OwnCookie): LogoutWays =>
  Object.freeze({
    begin(ctx: RequestContext) {
      const value = randomToken(16)
      cookie.set(ctx, value, MAX_AGE_SECONDS)
      return stateOf(value)
    },
    end(ctx: RequestContext) {
      const sent = cookie.read(ctx)
      if (sent === undefined) return true
      cookie.clear(ctx)
      const states = new URLSearchParams(ctx.target.query).getAll('state')
      return typeof sent === 'string' && states.length === 1 && states[0] === stateOf(sent)
    },
  })

/** What stands in addresses, histories and logs of others tells nobody the cookie. */
const stateOf = (value: string): string => hash('sha256', value, 'base64url')
