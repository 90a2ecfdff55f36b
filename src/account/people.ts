// The person behind a token, as the users' table has them now: a token is only as good as its person is. Asked for every
// request, so what was read counts for half a second.

import type { Access, User } from '#access'
import type { Clock } from '#kernel'

export interface People {
  /** As of half a second ago. Undefined if nobody has this id. */
  find(userId: string): Promise<User | undefined>
  /** As of now. */
  findNow(userId: string): Promise<User | undefined>
}

interface Known {
  readonly user: Promise<User | undefined>
  readonly until: number
}

/** What changes is to be seen everywhere within a second, and a request takes a while. */
const REMEMBERED_MS = 500
const MAX_REMEMBERED = 10_000

export function createPeople(users: Pick<Access['users'], 'findById'>, clock: Pick<Clock, 'monotonicMs'>): People {
  const known = new Map<string, Known>()

  const findNow = (userId: string): Promise<User | undefined> => {
    if (known.size >= MAX_REMEMBERED) known.clear()
    const user = users.findById(userId)
    known.set(userId, { user, until: clock.monotonicMs() + REMEMBERED_MS })
    user.catch(() => known.delete(userId))
    return user
  }

  return Object.freeze({
    findNow,
    find(userId: string) {
      const remembered = known.get(userId)
      return remembered !== undefined && clock.monotonicMs() < remembered.until ? remembered.user : findNow(userId)
    },
  })
}
