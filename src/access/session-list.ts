// The sessions of everybody, for administrators: the people who logged in last come first, and of each the newest session.
// Nothing lists all sessions there are; whoever has one has logged in since the oldest could have begun, so those people
// are gone through, so many at a time.

import type { Clock } from '#kernel'
import { LONGEST_SESSION_MS, type SessionRow, type Sessions } from '#sessions'
import type { User, Users } from './access.ts'

export interface UserSession {
  readonly user: User
  readonly row: SessionRow
}

export interface SessionPage {
  /** May be fewer than asked for where others follow. */
  readonly items: readonly UserSession[]
  /** Give it as `after` for the next page; absent on the last one. */
  readonly next?: string
}

export interface SessionQuery {
  /** Only theirs. */
  readonly user?: User
  readonly after?: string
  readonly limit: number
}

export interface SessionListDeps {
  readonly clock: Clock
  readonly users: Pick<Users, 'byLastLogin'>
  readonly sessions: Pick<Sessions, 'list'>
}

/** `next`, as `toCursor` writes it. */
export const CURSOR = /^(\d{1,16})_([\w-]{1,64})_(\d{1,16})_([0-9a-f]{0,64})$/

/** At a time, and of one page altogether. */
const USERS_AT_ONCE = 20
const MAX_USERS = 400

export type ListSessions = (query: SessionQuery) => Promise<SessionPage>

export const createSessionList =
  ({ clock, users, sessions }: SessionListDeps): ListSessions =>
  async ({ user, after, limit }) => {
    const found: UserSession[] = []
    const since = clock.now() - LONGEST_SESSION_MS
    let cursor = fromCursor(after)
    for (let seen = 0; seen < MAX_USERS; seen += USERS_AT_ONCE) {
      const upTo = cursor && { lastLoginAt: cursor.lastLoginAt, id: cursor.userId }
      const people = user ? [user] : await users.byLastLogin({ since, ...(upTo && { upTo }), limit: USERS_AT_ONCE })
      const lists = await Promise.all(people.map((each) => sessionsOf(each, sessions, cursor)))
      found.push(...lists.flat())
      const last = found[limit - 1]
      if (last !== undefined && found.length > limit) return { items: found.slice(0, limit), next: toCursor(last) }
      const lastPerson = people.at(-1)
      if (lastPerson === undefined || people.length < USERS_AT_ONCE) return { items: found }
      cursor = { lastLoginAt: lastPerson.lastLoginAt, userId: lastPerson.id, createdAt: 0, ref: '' }
    }
    return { items: found, ...(cursor && { next: cursorText(cursor) }) }
  }

interface Cursor {
  readonly lastLoginAt: number
  readonly userId: string
  /** Of the last session that was shown of this person; 0 if all were. */
  readonly createdAt: number
  readonly ref: string
}

/** The newest first, which stays so while they are used; of the person of the cursor those after it. */
async function sessionsOf(
  user: User,
  sessions: Pick<Sessions, 'list'>,
  cursor: Cursor | undefined,
): Promise<readonly UserSession[]> {
  const isAfter = ({ createdAt, ref }: SessionRow): boolean =>
    cursor?.userId !== user.id || createdAt < cursor.createdAt || (createdAt === cursor.createdAt && ref > cursor.ref)
  const rows = (await sessions.list(user.id)).filter(isAfter)
  return rows.toSorted((a, b) => b.createdAt - a.createdAt || (a.ref < b.ref ? -1 : 1)).map((row) => ({ user, row }))
}

function fromCursor(text: string | undefined): Cursor | undefined {
  const [, lastLoginAt, userId, createdAt, ref] = CURSOR.exec(text ?? '') ?? []
  if (userId === undefined || ref === undefined) return undefined
  return { lastLoginAt: Number(lastLoginAt), userId, createdAt: Number(createdAt), ref }
}

const cursorText = ({ lastLoginAt, userId, createdAt, ref }: Cursor): string =>
  [lastLoginAt, userId, createdAt, ref].join('_')

const toCursor = ({ user, row: { createdAt, ref } }: UserSession): string =>
  cursorText({ lastLoginAt: user.lastLoginAt, userId: user.id, createdAt, ref })
