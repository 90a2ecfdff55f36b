// Who a request is from. Made once per session row and picture of people, because every proxied request asks.

import type { Fact, RequestContext } from '#http'
import type { ActiveSession, SessionRow } from '#sessions'
import type { Access, Principal, User } from './access.ts'
import type { AllowList } from './allow.ts'
import { withoutLocalGroups } from './local-group-names.ts'
import type { Standing } from './standing.ts'

export interface PrincipalDeps {
  /** The session of the request. */
  readonly session: Fact<ActiveSession>
  /** A principal that a step put on the request: a token's, or the one that `explain` asks about. */
  readonly current: Fact<Principal>
  readonly admins: AllowList<true>
  /** What is known about people beside their sessions. */
  readonly standing: () => Standing
}

export function createPrincipals({
  session,
  current,
  admins,
  standing,
}: PrincipalDeps): Pick<Access, 'principal' | 'principalOf'> {
  let known = new WeakMap<SessionRow, Principal>()
  let knownFor: Standing | undefined

  const withRights = (person: Omit<Principal, 'isAdmin'>): Principal => {
    const principal = { ...person, isAdmin: false }
    const hasRole = !person.isPending && standing().admins.has(person.userId)
    return Object.freeze({ ...principal, isAdmin: hasRole || admins(principal) === true })
  }

  const fromSession = (row: SessionRow): Principal => {
    const present = standing()
    if (knownFor !== present) {
      known = new WeakMap()
      knownFor = present
    }
    const remembered = known.get(row)
    if (remembered !== undefined) return remembered
    const isPending = !isApproved(present, row.userId, row.awaitsApproval !== true)
    const principal = withRights({ ...personOf(row, row.userId, withoutLocalGroups(row.groups), present), isPending })
    known.set(row, principal)
    return principal
  }

  return Object.freeze({
    principal(ctx: RequestContext) {
      const given = current.get(ctx)
      if (given !== undefined) return given
      const row = session.get(ctx)?.row
      return row === undefined ? undefined : fromSession(row)
    },
    principalOf(user: User, groups: readonly string[] = withoutLocalGroups(user.groups)) {
      const present = standing()
      const isPending = !isApproved(present, user.id, user.approval === 'approved')
      return withRights({ ...personOf(user, user.id, groups, present), isPending })
    },
  })
}

/** @param wasApproved as of when the session began: nobody else may have heard yet of somebody who waits. */
const isApproved = ({ approvals }: Standing, id: string, wasApproved: boolean): boolean => {
  const approval = approvals.get(id)
  return approval === undefined ? wasApproved : approval === 'approved'
}

const personOf = (
  person: SessionRow | User,
  userId: Principal['userId'],
  groups: readonly string[],
  { localGroups }: Standing,
): Omit<Principal, 'isAdmin' | 'isPending'> => ({
  userId,
  provider: person.provider,
  subject: person.subject,
  username: person.username,
  displayName: person.displayName,
  ...(person.email !== undefined && { email: person.email }),
  groups: [...groups, ...(localGroups.get(userId) ?? [])],
})
