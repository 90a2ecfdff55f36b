// Everybody who administers now: by the configuration, or by a role given here. For mails to them; asked rarely.

import type { UserId } from '#kernel'
import type { Access, User } from './access.ts'
import type { Standing } from './standing.ts'
import type { UserStore } from './user-store.ts'

export interface FindAdminsDeps {
  /** `access.admins`. */
  readonly entries: readonly string[]
  readonly store: Pick<UserStore, 'findByIds' | 'findByGroup' | 'findBySubject'>
  readonly standing: () => Standing
  readonly principalOf: Access['principalOf']
}

/** A group of administrators is small; a mistake in the configuration must not become a thousand mails. */
const MAX_OF_GROUP = 50

export function createFindAdmins({ entries, store, standing, principalOf }: FindAdminsDeps): () => Promise<User[]> {
  const findNamed = async (entry: string): Promise<readonly User[]> => {
    const [, provider, subject] = /^user:([^/]+)\/(.+)$/s.exec(entry) ?? []
    if (provider !== undefined && subject !== undefined) {
      const user = await store.findBySubject(provider, subject)
      return user === undefined ? [] : [user]
    }
    return store.findByGroup(entry.slice('group:'.length), MAX_OF_GROUP)
  }

  /** By a role, or in a group of Gatehouse's own that the configuration names. */
  const idsByUs = ({ admins, localGroups }: Standing): readonly string[] => {
    const inGroups = [...localGroups].filter(([, groups]) => groups.some((group) => entries.includes(`group:${group}`)))
    return [...admins, ...inGroups.slice(0, MAX_OF_GROUP).map(([id]) => id)]
  }

  return async () => {
    const found = [
      ...(await store.findByIds(idsByUs(standing()))),
      ...(await Promise.all(entries.map(findNamed))).flat(),
    ]
    const each = new Map<UserId, User>(found.map((user) => [user.id, user]))
    return [...each.values()].filter((user) => user.disabledAt === undefined && principalOf(user).isAdmin)
  }
}
