// Who a request is from. Made once per session row, because every proxied request asks.

import type { Fact, RequestContext } from '#http'
import type { ActiveSession, SessionRow } from '#sessions'
import type { Access, Principal, User } from './access.ts'
import type { AllowList } from './allow.ts'

export interface PrincipalDeps {
  /** The session of the request. */
  readonly session: Fact<ActiveSession>
  /** A principal that a step put on the request: a token's, or the one that `explain` asks about. */
  readonly current: Fact<Principal>
  readonly admins: AllowList<true>
}

export function createPrincipals({
  session,
  current,
  admins,
}: PrincipalDeps): Pick<Access, 'principal' | 'principalOf'> {
  const known = new WeakMap<SessionRow, Principal>()

  const withRights = (person: Omit<Principal, 'isAdmin'>): Principal => {
    const principal = { ...person, isAdmin: false }
    return Object.freeze({ ...principal, isAdmin: admins(principal) === true })
  }

  const fromSession = (row: SessionRow): Principal => {
    const principal = withRights(personOf(row, row.userId, row.groups))
    known.set(row, principal)
    return principal
  }

  return Object.freeze({
    principal(ctx: RequestContext) {
      const given = current.get(ctx)
      if (given !== undefined) return given
      const row = session.get(ctx)?.row
      return row === undefined ? undefined : (known.get(row) ?? fromSession(row))
    },
    principalOf: (user: User, groups: readonly string[] = user.groups) => withRights(personOf(user, user.id, groups)),
  })
}

const personOf = (
  person: SessionRow | User,
  userId: Principal['userId'],
  groups: readonly string[],
): Omit<Principal, 'isAdmin'> => ({
  userId,
  provider: person.provider,
  subject: person.subject,
  username: person.username,
  displayName: person.displayName,
  ...(person.email !== undefined && { email: person.email }),
  groups,
})
