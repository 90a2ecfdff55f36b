// Whose session a request at the webserver's addresses has. Where the Manager shares its records of logins, a session lasts
// only as long as its record, and one that another webserver began goes on here.

import { accessErrors } from '#access'
import type { RequestContext } from '#http'
import type { ActiveSession, Sessions } from '#sessions'
import type { Opened } from './records/liveness.ts'
import type { SharedLogins } from './records/shared-logins.ts'
import { readSessionName } from './session-name.ts'

export interface SessionOf {
  /**
   * The session that answers for the request, once the step `loadSession` has run; undefined for a stranger.
   *
   * @param opened the response, or the socket of an upgrade: while it is open, the end of the session is looked out for
   * @throws storage.unavailable rather than take what is not known for a yes or a no
   */
  find(ctx: RequestContext, opened: Opened): Promise<ActiveSession | undefined>
  /** @throws access.loginRequired for a stranger, and what `find` throws */
  require(ctx: RequestContext, opened: Opened): Promise<ActiveSession>
}

export interface SessionOfDeps {
  readonly sessions: Pick<Sessions, 'current' | 'endByRef'>
  /** Absent: sessions are the gateway's own. */
  readonly shared?: Shared | undefined
}

type Shared = Pick<SharedLogins, 'isLive' | 'hold' | 'adopt'>

export function createSessionOf({ sessions, shared }: SessionOfDeps): SessionOf {
  const findShared = async (
    ctx: RequestContext,
    opened: Opened,
    name: string,
    { isLive, hold, adopt }: Shared,
  ): Promise<ActiveSession | undefined> => {
    const known = sessions.current.get(ctx)
    if (known !== undefined && !(await isLive(name))) {
      await sessions.endByRef(known.row.userId, known.row.ref, 'provider-logout')
      sessions.current.set(ctx, undefined)
      return undefined
    }
    const session = known ?? (await adopt(ctx, name))
    if (session !== undefined) hold(ctx, opened, name, session.row)
    return session
  }

  const find = async (ctx: RequestContext, opened: Opened): Promise<ActiveSession | undefined> => {
    const name = readSessionName(ctx)
    // A session of the portal's is no login that the Manager named.
    if (shared === undefined || name === undefined) return sessions.current.get(ctx)
    return findShared(ctx, opened, name, shared)
  }

  return Object.freeze({
    find,
    async require(ctx: RequestContext, opened: Opened) {
      const session = await find(ctx, opened)
      if (session === undefined) throw accessErrors.loginRequired({})
      return session
    },
  })
}
