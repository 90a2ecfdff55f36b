// What a provider said of a person's groups, in the order in which it was asked. Two sessions of one person can be renewed
// at once: an answer that was long on its way must not be written over a later one, or a group that was taken away is back.

import { type Storage, upsert } from '#storage'
import type { PeopleTables } from './user-tables.ts'

export interface HeardGroups {
  readonly groups: readonly string[]
  /** When the provider was asked, on the clock of the node that asked; ms since the epoch. */
  readonly askedAt: number
}

export interface HeardGroupsStore {
  /** To be called before a login writes what it heard: what was asked before is not heard any more. */
  noteLogin(userId: string, now: number): Promise<void>
  /** Nothing happens if something was heard that was asked for later. */
  write(userId: string, heard: HeardGroups, now: number): Promise<void>
}

export function createHeardGroupsStore(storage: Pick<Storage, 'sql'>): HeardGroupsStore {
  return Object.freeze({
    async noteLogin(userId: string, now: number) {
      const row = { user_id: userId, asked_at: now }
      await upsert(storage.sql<PeopleTables>(), 'user_groups_heard', { row, key: ['user_id'], update: ['asked_at'] })
    },

    write: (userId: string, { groups, askedAt }: HeardGroups, now: number) =>
      storage
        .sql<PeopleTables>()
        .transaction()
        .execute(async (database) => {
          // Not `insertIfAbsent`: on MariaDB two that both find the row there would then wait for each other.
          const row = { user_id: userId, asked_at: 0 }
          await upsert(database, 'user_groups_heard', { row, key: ['user_id'], update: [] })
          const { numUpdatedRows } = await database
            .updateTable('user_groups_heard')
            .set({ asked_at: askedAt })
            .where('user_id', '=', userId)
            // What is from the future was written by a clock that goes wrong: it must not hold up what comes now.
            .where((where) => where.or([where('asked_at', '<=', askedAt), where('asked_at', '>', now)]))
            .executeTakeFirstOrThrow()
          if (numUpdatedRows === 0n) return
          await database
            .updateTable('users')
            .set({ groups: JSON.stringify(groups) })
            .where('id', '=', userId)
            .execute()
        }),
  })
}
