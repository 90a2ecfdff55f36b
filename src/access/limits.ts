// What narrows a decision, and never widens one: the scopes of a token, routes that no token may use, and routes that
// need a login of just now.

import type { Decision, Fact, RequestContext, Route } from '#http'
import type { Clock } from '#kernel'
import type { ActiveSession } from '#sessions'
import type { ActiveToken } from './authenticator.ts'
import { accessErrors, scopeErrors } from './errors.ts'

export interface LimitsDeps {
  readonly session: Fact<ActiveSession>
  readonly token: Fact<ActiveToken>
  readonly clock: Pick<Clock, 'now'>
  /** How long after a login it counts as recent. */
  readonly recentLoginMs: number
}

export interface Limits {
  /** Why the token of the request may not be used for this service; undefined if it may, or if there is none. */
  serviceRefusal(ctx: RequestContext, serviceId: string): Decision | undefined
  /** The same for a route of ours, and whether that needs a session or a recent login. */
  routeRefusal(ctx: RequestContext, route: Route): Decision | undefined
  /** For a route that needs a recent login only sometimes. @throws token.sessionOnly, access.loginNotRecent */
  requireRecentLogin(ctx: RequestContext): void
}

export function createLimits({ session, token, clock, recentLoginMs }: LimitsDeps): Limits {
  const scopeRefusal = (scopes: readonly string[], ...enough: readonly string[]): Decision | undefined =>
    enough.some((scope) => scopes.includes(scope)) ? undefined : lacking(enough)

  const isRecent = (ctx: RequestContext): boolean => {
    const since = session.get(ctx)?.row.authenticatedAt
    return since !== undefined && clock.now() - since <= recentLoginMs
  }

  return Object.freeze({
    serviceRefusal(ctx: RequestContext, serviceId: string) {
      const scopes = token.get(ctx)?.scopes
      return scopes && scopeRefusal(scopes, 'services', `service:${serviceId}`)
    },
    routeRefusal(ctx: RequestContext, route: Route) {
      const scopes = token.get(ctx)?.scopes
      if (scopes === undefined) return route.recentLogin === true && !isRecent(ctx) ? NOT_RECENT : undefined
      if (route.sessionOnly === true || route.recentLogin === true) return NO_SESSION
      const needed = scopeOf(route)
      return needed === undefined ? undefined : scopeRefusal(scopes, needed)
    },
    requireRecentLogin(ctx: RequestContext) {
      if (token.get(ctx) !== undefined) throw scopeErrors.sessionOnly({})
      if (!isRecent(ctx)) throw accessErrors.loginNotRecent({})
    },
  })
}

/** Undefined where nothing is anybody's own. */
function scopeOf({ access, method }: Route): string | undefined {
  switch (access) {
    case 'public':
      return undefined
    case 'self':
      return method === 'GET' ? 'self:read' : 'self:write'
    case 'admin':
      return 'admin'
    default:
      return access.scope
  }
}

const refuse = (because: string, error: NonNullable<Extract<Decision, { allow: false }>['error']>): Decision =>
  Object.freeze({ allow: false, because, loginMayHelp: false, error })

const lacking = (enough: readonly string[]): Decision => {
  const because = `The token does not have the scope ${enough.join(' or ')}.`
  return refuse(because, () => scopeErrors.scopeMissing({ enough }))
}

const NO_SESSION = refuse('This can be done with a session only, never with a token.', () =>
  scopeErrors.sessionOnly({}),
)
const NOT_RECENT = refuse('This needs a login of just now.', () => accessErrors.loginNotRecent({}))
