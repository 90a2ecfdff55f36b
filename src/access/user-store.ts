// The table of users. Written by `users.ts` only. One row per (provider, subject); e-mail is never a key.

import { type Kysely, sql } from 'kysely'
import type { LoginIdentity } from '#identity'
import { newId, type UserId } from '#kernel'
import { insertIfAbsent, type Storage, upsert } from '#storage'
import type { Approval, LastLoginQuery, User } from './access.ts'
import { createHeardGroupsStore, type HeardGroups } from './heard-groups-store.ts'
import { createIssuerStore } from './issuer-store.ts'
import { markChanged } from './standing-store.ts'
import { conditionsOf, type ListQuery } from './user-search.ts'
import type { PeopleTables, UserTable } from './user-tables.ts'

export interface Admission {
  readonly user: User
  /** This login, and no other, made the row, or ended its waiting. */
  readonly didLetIn: boolean
  /** The name is that of somebody for whom another issuer vouched; nothing was changed about them. */
  readonly isOtherIssuers?: true
}

export interface UserStore {
  /**
   * @param mayWait what to do about whoever is not approved: somebody new waits, or is approved with whoever waited
   * @returns the row as it is now; that of somebody disabled, refused or known by another issuer is left as it was
   */
  admit(identity: LoginIdentity, now: number, mayWait: boolean): Promise<Admission>
  setGroups(id: string, heard: HeardGroups, now: number): Promise<void>
  /** By provider and subject. */
  list(query: ListQuery): Promise<readonly User[]>
  byLastLogin(query: LastLoginQuery): Promise<readonly User[]>
  findByIds(ids: readonly string[]): Promise<readonly User[]>
  /** Whom the provider put into the group, as it said last. */
  findByGroup(group: string, limit: number): Promise<readonly User[]>
  findById(id: string): Promise<User | undefined>
  findBySubject(provider: string, subject: string): Promise<User | undefined>
  /** At most `limit`, because a username need not be unique. */
  findByUsername(username: string, limit: number): Promise<readonly User[]>
  /** @returns false if there is no such user. */
  setDisabledAt(id: string, disabledAt: number | null): Promise<boolean>
}

export function createUserStore(storage: Pick<Storage, 'sql'>): UserStore {
  const selectUsers = (database: Kysely<PeopleTables>) =>
    database
      .selectFrom('users')
      .leftJoin('user_approvals', 'user_approvals.user_id', 'users.id')
      .selectAll('users')
      .select('user_approvals.approval')
  const issuers = createIssuerStore(storage)
  const heardGroups = createHeardGroupsStore(storage)
  const users = () => selectUsers(storage.sql<PeopleTables>())

  const findRow = (database: Kysely<PeopleTables>, { provider, subject }: PersonKey): Promise<UserRow | undefined> =>
    selectUsers(database).where('provider', '=', provider).where('subject', '=', subject).executeTakeFirst()

  const write = async (
    database: Kysely<PeopleTables>,
    identity: LoginIdentity,
    { id, now }: { readonly id: string; readonly now: number },
  ): Promise<void> => {
    const { provider, subject } = identity
    const described = {
      username: identity.username,
      display_name: identity.displayName,
      email: identity.email ?? null,
      groups: JSON.stringify(identity.groups),
      last_login_at: now,
    }
    await upsert(database, 'users', {
      row: { id, provider, subject, created_at: now, disabled_at: null, ...described },
      key: ['provider', 'subject'],
      update: ['username', 'display_name', 'email', 'groups', 'last_login_at'],
    })
  }

  /** In one transaction, so that nobody new is ever seen without being seen to wait. */
  const writeWaiting = (identity: LoginIdentity, as: { readonly id: string; readonly now: number }): Promise<void> =>
    storage
      .sql<PeopleTables>()
      .transaction()
      .execute(async (database) => {
        await write(database, identity, as)
        const row = await findRow(database, identity)
        const asked = { approval: 'pending', asked_at: as.now, decided_at: null, mailed_at: null }
        await insertIfAbsent(database, 'user_approvals', { row: { user_id: row?.id, ...asked }, key: ['user_id'] })
        await markChanged(database)
      })

  /** @returns whether this did it */
  const approve = (id: string, now: number): Promise<boolean> =>
    storage
      .sql<PeopleTables>()
      .transaction()
      .execute(async (database) => {
        const { numUpdatedRows } = await database
          .updateTable('user_approvals')
          .set({ approval: 'approved', decided_at: now })
          .where('user_id', '=', id)
          .where('approval', '=', 'pending')
          .executeTakeFirstOrThrow()
        await markChanged(database)
        return numUpdatedRows > 0n
      })

  return Object.freeze({
    async admit(identity: LoginIdentity, now: number, mayWait: boolean) {
      const known = await findRow(storage.sql<PeopleTables>(), identity)
      if (known !== undefined && !(await issuers.isVouchedFor(known.id, identity)))
        return { user: toUser(known), didLetIn: false, isOtherIssuers: true as const }
      if (known !== undefined && (known.disabled_at !== null || known.approval === 'refused'))
        return { user: toUser(known), didLetIn: false }
      const id = newId()
      if (known !== undefined) await heardGroups.noteLogin(known.id, now)
      if (known === undefined && mayWait) await writeWaiting(identity, { id, now })
      else await write(storage.sql<PeopleTables>(), identity, { id, now })
      const isApproved = known?.approval === 'pending' && !mayWait && (await approve(known.id, now))
      // Read again: another login may have made the row first, and an admin may have disabled it just now.
      const row = await findRow(storage.sql<PeopleTables>(), identity)
      if (row === undefined) throw new Error('the row of a user was removed while they logged in')
      if (known === undefined && !(await issuers.isVouchedFor(row.id, identity)))
        return { user: toUser(row), didLetIn: false, isOtherIssuers: true as const }
      return { user: toUser(row), didLetIn: isApproved || (!mayWait && row.id === id) }
    },

    setGroups: heardGroups.write,

    async list(query: ListQuery) {
      let found = users()
        .where((from) => conditionsOf(query, from))
        .orderBy('users.provider')
        .orderBy('users.subject')
      if (query.limit !== undefined) found = found.limit(query.limit)
      return (await found.execute()).map(toUser)
    },

    async byLastLogin({ since, upTo, limit }: LastLoginQuery) {
      let found = users()
        .where('users.last_login_at', '>=', since)
        .orderBy('users.last_login_at', 'desc')
        .orderBy('users.id', 'desc')
        .limit(limit)
      if (upTo !== undefined) {
        const { lastLoginAt, id } = upTo
        found = found
          .where('users.last_login_at', '<=', lastLoginAt)
          .where((from) => from.or([from('users.last_login_at', '<', lastLoginAt), from('users.id', '<=', id)]))
      }
      return (await found.execute()).map(toUser)
    },

    async findByIds(ids: readonly string[]) {
      if (ids.length === 0) return []
      return (await users().where('users.id', 'in', ids).execute()).map(toUser)
    },

    async findByGroup(group: string, limit: number) {
      // Groups are a JSON array: its text holds the name as JSON writes it, and so do some others.
      const pattern = `%${JSON.stringify(group).replaceAll(/[!%_]/g, '!$&')}%`
      const rows = await users()
        .where(({ ref }) => sql<boolean>`${ref('users.groups')} like ${pattern} escape '!'`)
        .limit(limit)
        .execute()
      return rows.map(toUser).filter(({ groups }) => groups.includes(group))
    },

    async findById(id: string) {
      const row = await users().where('users.id', '=', id).executeTakeFirst()
      return row && toUser(row)
    },

    async findBySubject(provider: string, subject: string) {
      const row = await findRow(storage.sql<PeopleTables>(), { provider, subject })
      return row && toUser(row)
    },

    async findByUsername(username: string, limit: number) {
      const rows = await users().where('username', '=', username).limit(limit).execute()
      return rows.map(toUser)
    },

    setDisabledAt: (id: string, disabledAt: number | null) =>
      storage
        .sql<PeopleTables>()
        .transaction()
        .execute(async (database) => {
          const { numUpdatedRows } = await database
            .updateTable('users')
            .set({ disabled_at: disabledAt })
            .where('id', '=', id)
            .executeTakeFirstOrThrow()
          if (numUpdatedRows > 0n) await markChanged(database)
          return numUpdatedRows > 0n
        }),
  })
}

type PersonKey = Pick<UserTable, 'provider' | 'subject'>
type UserRow = UserTable & { readonly approval: Approval | null }

const toUser = (row: UserRow): User => ({
  id: row.id as UserId,
  provider: row.provider,
  subject: row.subject,
  username: row.username,
  displayName: row.display_name,
  ...(row.email !== null && { email: row.email }),
  groups: JSON.parse(row.groups) as readonly string[],
  approval: row.approval ?? 'approved',
  createdAt: row.created_at,
  lastLoginAt: row.last_login_at,
  ...(row.disabled_at !== null && { disabledAt: row.disabled_at }),
})
