// The table of service accounts: what is known of them beside their row among the users.

import type { UserId } from '#kernel'
import { type Storage, upsert } from '#storage'
import { markTokensChanged, type ServiceAccountColumns, type TokenTables } from './token-tables.ts'

export interface ServiceAccountRow {
  readonly name: string
  readonly userId: UserId
  readonly description: string
  readonly scopes: readonly string[]
  readonly rotateEveryMs?: number
  readonly overlapMs: number
  readonly createdAt: number
  readonly rotatedAt?: number
}

export interface ServiceAccountStore {
  list(): Promise<readonly ServiceAccountRow[]>
  find(name: string): Promise<ServiceAccountRow | undefined>
  findByUser(userId: string): Promise<ServiceAccountRow | undefined>
  put(row: ServiceAccountRow): Promise<void>
  setRotatedAt(name: string, rotatedAt: number): Promise<void>
}

export function createServiceAccountStore(storage: Pick<Storage, 'sql'>): ServiceAccountStore {
  const sql = () => storage.sql<TokenTables>()
  const all = () => sql().selectFrom('service_accounts').selectAll()

  return Object.freeze({
    async list() {
      return (await all().orderBy('name').execute()).map(toRow)
    },
    async find(name: string) {
      const row = await all().where('name', '=', name).executeTakeFirst()
      return row && toRow(row)
    },
    async findByUser(userId: string) {
      const row = await all().where('user_id', '=', userId).executeTakeFirst()
      return row && toRow(row)
    },
    put: (row: ServiceAccountRow) =>
      sql()
        .transaction()
        .execute(async (database) => {
          await upsert(database, 'service_accounts', {
            row: {
              name: row.name,
              user_id: row.userId,
              description: row.description,
              scopes: JSON.stringify(row.scopes),
              rotate_every_ms: row.rotateEveryMs ?? null,
              overlap_ms: row.overlapMs,
              created_at: row.createdAt,
              rotated_at: row.rotatedAt ?? null,
            },
            key: ['name'],
            update: ['description', 'scopes', 'rotate_every_ms', 'overlap_ms'],
          })
          await markTokensChanged(database)
        }),
    async setRotatedAt(name: string, rotatedAt: number) {
      await sql().updateTable('service_accounts').set({ rotated_at: rotatedAt }).where('name', '=', name).execute()
    },
  })
}

const toRow = (row: ServiceAccountColumns): ServiceAccountRow => ({
  name: row.name,
  // A user's id went in.
  userId: row.user_id as UserId,
  description: row.description,
  scopes: JSON.parse(row.scopes) as readonly string[],
  ...(row.rotate_every_ms !== null && { rotateEveryMs: row.rotate_every_ms }),
  overlapMs: row.overlap_ms,
  createdAt: row.created_at,
  ...(row.rotated_at !== null && { rotatedAt: row.rotated_at }),
})
