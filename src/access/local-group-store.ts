// The tables of groups that Gatehouse keeps itself. Written by `local-groups.ts` only.

import { insertIfAbsent, type Storage } from '#storage'
import type { LocalGroup } from './access.ts'
import { markChanged } from './standing-store.ts'
import type { PeopleTables } from './user-tables.ts'

export interface LocalGroupStore {
  list(): Promise<readonly LocalGroup[]>
  find(name: string): Promise<LocalGroup | undefined>
  /** @returns false if there is one of this name. */
  create(name: string, description: string, now: number): Promise<boolean>
  /** With its memberships. @returns false if there was none. */
  delete(name: string): Promise<boolean>
  /** @returns whether the person was not in it; undefined if there is no such group or no such person. */
  add(name: string, userId: string, now: number): Promise<boolean | undefined>
  /** @returns whether the person was in it. */
  remove(name: string, userId: string): Promise<boolean>
}

export function createLocalGroupStore(storage: Pick<Storage, 'sql'>): LocalGroupStore {
  const database = () => storage.sql<PeopleTables>()

  const groups = () =>
    database()
      .selectFrom('local_groups')
      .selectAll()
      .select((from) =>
        from
          .selectFrom('local_group_members')
          .whereRef('local_group_members.group_name', '=', 'local_groups.name')
          .select(({ fn }) => fn.countAll().as('members'))
          .as('members'),
      )

  return Object.freeze({
    list: async () => (await groups().orderBy('name').execute()).map(toGroup),

    async find(name: string) {
      const row = await groups().where('name', '=', name).executeTakeFirst()
      return row && toGroup(row)
    },

    create: (name: string, description: string, now: number) =>
      insertIfAbsent(database(), 'local_groups', { row: { name, description, created_at: now }, key: ['name'] }),

    delete: (name: string) =>
      database()
        .transaction()
        .execute(async (within) => {
          await within.deleteFrom('local_group_members').where('group_name', '=', name).execute()
          const { numDeletedRows } = await within
            .deleteFrom('local_groups')
            .where('name', '=', name)
            .executeTakeFirstOrThrow()
          await markChanged(within)
          return numDeletedRows > 0n
        }),

    add: (name: string, userId: string, now: number) =>
      database()
        .transaction()
        .execute(async (within) => {
          // Both are looked at where the row is written, so that none is left behind by a deletion at the same time.
          const group = await within
            .selectFrom('local_groups')
            .select('name')
            .where('name', '=', name)
            .executeTakeFirst()
          const user = await within.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst()
          if (group === undefined || user === undefined) return undefined
          const row = { group_name: name, user_id: userId, added_at: now }
          const isNew = await insertIfAbsent(within, 'local_group_members', { row, key: ['group_name', 'user_id'] })
          if (isNew) await markChanged(within)
          return isNew
        }),

    remove: (name: string, userId: string) =>
      database()
        .transaction()
        .execute(async (within) => {
          const { numDeletedRows } = await within
            .deleteFrom('local_group_members')
            .where('group_name', '=', name)
            .where('user_id', '=', userId)
            .executeTakeFirstOrThrow()
          if (numDeletedRows > 0n) await markChanged(within)
          return numDeletedRows > 0n
        }),
  })
}

interface Row {
  readonly name: string
  readonly description: string
  readonly created_at: number
  readonly members: string | number | bigint | null
}

const toGroup = (row: Row): LocalGroup => ({
  name: row.name,
  description: row.description,
  createdAt: row.created_at,
  memberCount: Number(row.members ?? 0),
})
