// Reads what nodes keep in memory about people, and marks that something of it has changed.

import type { Kysely } from 'kysely'
import { type Clock, newId } from '#kernel'
import { type Storage, upsert } from '#storage'
import { LOCAL_GROUP_PREFIX } from './local-group-names.ts'
import type { Standing } from './standing.ts'
import type { PeopleTables } from './user-tables.ts'

export interface StandingStore {
  read(): Promise<Standing>
  version(): Promise<string>
}

/** No session lives longer than 90 days: one that began while the person waited is over by then. */
const LATELY_MS = 91 * 24 * 3_600_000

const ROW = 'people'

/** To be called in the transaction of each change that `read` would see. */
export const markChanged = (database: Kysely<PeopleTables>): Promise<void> =>
  upsert(database, 'people_changes', {
    row: { name: ROW, version: newId() },
    key: ['name'],
    update: ['version'],
  })

export function createStandingStore(storage: Pick<Storage, 'sql'>, clock: Clock): StandingStore {
  const database = () => storage.sql<PeopleTables>()

  const version = async (): Promise<string> => {
    const row = await database()
      .selectFrom('people_changes')
      .select('version')
      .where('name', '=', ROW)
      .executeTakeFirst()
    return row?.version ?? ''
  }

  const readGroups = async (): Promise<Standing['localGroups']> => {
    const rows = await database()
      .selectFrom('local_group_members')
      .select(['user_id', 'group_name'])
      .orderBy('group_name')
      .execute()
    const groups = new Map<string, string[]>()
    for (const { user_id, group_name } of rows) {
      const own = groups.get(user_id) ?? []
      own.push(LOCAL_GROUP_PREFIX + group_name)
      groups.set(user_id, own)
    }
    return groups
  }

  return Object.freeze({
    version,
    async read() {
      // First: what is committed while the rest is read has another version, and is read again.
      const readVersion = await version()
      const [disabled, approvals, admins, localGroups] = await Promise.all([
        database().selectFrom('users').select('id').where('disabled_at', 'is not', null).execute(),
        database()
          .selectFrom('user_approvals')
          .select(['user_id', 'approval'])
          .where((where) =>
            where.or([where('approval', '!=', 'approved'), where('decided_at', '>', clock.now() - LATELY_MS)]),
          )
          .execute(),
        database().selectFrom('user_roles').select('user_id').where('role', '=', 'admin').execute(),
        readGroups(),
      ])
      return Object.freeze({
        version: readVersion,
        disabled: new Set(disabled.map(({ id }) => id)),
        approvals: new Map(approvals.map(({ user_id, approval }) => [user_id, approval])),
        admins: new Set(admins.map(({ user_id }) => user_id)),
        localGroups,
      })
    },
  })
}
