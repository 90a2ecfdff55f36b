// The table of roles: what was given to a person here, beside what `access.admins` says.

import type { Storage } from '#storage'
import type { Role } from './access.ts'
import { markChanged } from './standing-store.ts'
import type { PeopleTables } from './user-tables.ts'

export interface RoleStore {
  /** Exactly these from now on. @returns what was given and what was taken */
  set(userId: string, roles: readonly Role[], now: number): Promise<RoleChange>
}

export interface RoleChange {
  readonly given: readonly Role[]
  readonly taken: readonly Role[]
}

export function createRoleStore(storage: Pick<Storage, 'sql'>): RoleStore {
  return Object.freeze({
    set: (userId: string, roles: readonly Role[], now: number) =>
      storage
        .sql<PeopleTables>()
        .transaction()
        .execute(async (transaction) => {
          const rows = await transaction.selectFrom('user_roles').select('role').where('user_id', '=', userId).execute()
          const before = rows.map(({ role }) => role)
          const wanted = [...new Set(roles)]
          const given = wanted.filter((role) => !before.includes(role))
          const taken = before.filter((role) => !wanted.includes(role))
          await transaction.deleteFrom('user_roles').where('user_id', '=', userId).execute()
          for (const role of wanted) {
            await transaction.insertInto('user_roles').values({ user_id: userId, role, given_at: now }).execute()
          }
          if (given.length + taken.length > 0) await markChanged(transaction)
          return { given, taken }
        }),
  })
}
