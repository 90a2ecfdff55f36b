// The table of tokens, by the hash of their secrets. Written by `service.ts` and `service-accounts.ts` only.

import type { Kysely } from 'kysely'
import type { UserId } from '#kernel'
import { insertIfAbsent, type Storage, upsert } from '#storage'
import type { TokenForm } from './token-form.ts'
import { endsAfter, type NewTokenRow, toRow, toToken } from './token-row.ts'
import { MARK, markTokensChanged, type TokenRow, type TokenTables } from './token-tables.ts'
import type { EndedToken, Token, TokenKind } from './tokens.ts'

export interface TokenStore {
  insert(form: TokenForm, token: NewTokenRow, now: number): Promise<Token>
  /** Unless its owner has so many of this kind that are good now, however many are made at once. */
  insertWithin(limit: number, form: TokenForm, token: NewTokenRow, now: number): Promise<Token | undefined>
  /** Those that are good now; `ids` unless all of a user are asked for. */
  findByHash(hash: string, now: number): Promise<Token | undefined>
  amongIds(ids: readonly string[], now: number): Promise<readonly Token[]>
  /** Good or not, as long as it is kept. */
  find(id: string): Promise<Token | undefined>
  ofUser(userId: UserId, kind: TokenKind, now: number): Promise<readonly Token[]>
  /** Those that are good no more since some time after `since`, 100 at most. */
  endedOf(
    userId: UserId,
    kind: TokenKind,
    range: { readonly since: number; readonly now: number },
  ): Promise<readonly EndedToken[]>
  /** @returns whether it was good until now */
  revoke(id: string, now: number): Promise<boolean>
  /** Those of a user but the newest end then, unless they end earlier. */
  endOthers(userId: UserId, kept: string, endsAt: number): Promise<void>
  /** Those whose time is over and of whom nobody has heard that yet: each of them once, at one node. */
  takeExpired(now: number): Promise<readonly Token[]>
  noteUse(id: string, use: { readonly at: number; readonly from: string }): Promise<void>
  /** Another text after each change. */
  version(): Promise<string>
  /** Removes those that have been good for nothing since before then. */
  sweep(before: number): Promise<void>
}

export function createTokenStore(storage: Pick<Storage, 'sql'>): TokenStore {
  const sql = () => storage.sql<TokenTables>()
  const goodIn = (database: Kysely<TokenTables>, now: number) =>
    database.selectFrom('api_tokens').where('revoked_at', 'is', null).where(endsAfter(now))
  const good = (now: number) => goodIn(sql(), now).selectAll()

  const insertInto = async (database: Kysely<TokenTables>, row: TokenRow): Promise<Token> => {
    await database.insertInto('api_tokens').values(row).execute()
    return toToken(row)
  }

  return Object.freeze({
    insert: (form: TokenForm, token: NewTokenRow, now: number) => insertInto(sql(), toRow(form, token, now)),

    insertWithin: (limit: number, form: TokenForm, token: NewTokenRow, now: number) =>
      sql()
        .transaction()
        .execute(async (database) => {
          // Holds the owner's row until the end: whoever comes meanwhile counts what this one has made.
          const owner = { user_id: token.userId, minted_at: now }
          await upsert(database, 'token_owners', { row: owner, key: ['user_id'], update: ['minted_at'] })
          const { tokens } = await goodIn(database, now)
            .where('user_id', '=', token.userId)
            .where('kind', '=', form.kind)
            .select(({ fn }) => fn.countAll().as('tokens'))
            .executeTakeFirstOrThrow()
          return Number(tokens) < limit ? insertInto(database, toRow(form, token, now)) : undefined
        }),

    async findByHash(hash: string, now: number) {
      const row = await good(now).where('hash', '=', hash).executeTakeFirst()
      return row && toToken(row)
    },

    async amongIds(ids: readonly string[], now: number) {
      if (ids.length === 0) return []
      return (await good(now).where('id', 'in', ids).execute()).map(toToken)
    },

    async find(id: string) {
      const row = await sql().selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toToken(row)
    },

    async ofUser(userId: UserId, kind: TokenKind, now: number) {
      const rows = await good(now)
        .where('user_id', '=', userId)
        .where('kind', '=', kind)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute()
      return rows.map(toToken)
    },

    async endedOf(userId: UserId, kind: TokenKind, { since, now }: { readonly since: number; readonly now: number }) {
      const rows = await sql()
        .selectFrom('api_tokens')
        .selectAll()
        .where('user_id', '=', userId)
        .where('kind', '=', kind)
        .where((where) =>
          where.or([
            where('revoked_at', '>', since),
            where.and([
              where('revoked_at', 'is', null),
              where('expires_at', '>', since),
              where('expires_at', '<=', now),
            ]),
          ]),
        )
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(ENDED_SHOWN)
        .execute()
      return rows.map((row) => ({
        ...toToken(row),
        endedAt: row.revoked_at ?? row.expires_at ?? now,
        isRevoked: row.revoked_at !== null,
      }))
    },

    revoke: (id: string, now: number) =>
      sql()
        .transaction()
        .execute(async (database) => {
          const { numUpdatedRows } = await database
            .updateTable('api_tokens')
            .set({ revoked_at: now })
            .where('id', '=', id)
            .where('revoked_at', 'is', null)
            .where(endsAfter(now))
            .executeTakeFirst()
          if (numUpdatedRows > 0n) await markTokensChanged(database)
          return numUpdatedRows > 0n
        }),

    endOthers: (userId: UserId, kept: string, endsAt: number) =>
      sql()
        .transaction()
        .execute(async (database) => {
          await database
            .updateTable('api_tokens')
            .set({ expires_at: endsAt })
            .where('user_id', '=', userId)
            .where('id', '!=', kept)
            .where('revoked_at', 'is', null)
            .where(endsAfter(endsAt))
            .execute()
          await markTokensChanged(database)
        }),

    async takeExpired(now: number) {
      const rows = await sql()
        .selectFrom('api_tokens')
        .selectAll('api_tokens')
        .leftJoin('token_expiries', 'token_expiries.token_id', 'api_tokens.id')
        .where('expires_at', '<=', now)
        .where('revoked_at', 'is', null)
        .where('token_expiries.token_id', 'is', null)
        .limit(EXPIRED_AT_ONCE)
        .execute()
      const taken: Token[] = []
      for (const row of rows) {
        const note = { row: { token_id: row.id, noted_at: now }, key: ['token_id'] as const }
        if (await insertIfAbsent(sql(), 'token_expiries', note)) taken.push(toToken(row))
      }
      return taken
    },

    async noteUse(id: string, { at, from }: { readonly at: number; readonly from: string }) {
      await sql()
        .updateTable('api_tokens')
        .set({ last_used_at: at, last_used_from: from })
        .where('id', '=', id)
        .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
        .execute()
    },

    async version() {
      const row = await sql().selectFrom('token_changes').select('version').where('name', '=', MARK).executeTakeFirst()
      return row?.version ?? ''
    },

    async sweep(before: number) {
      await sql()
        .deleteFrom('api_tokens')
        .where((where) => where.or([where('revoked_at', '<', before), where('expires_at', '<', before)]))
        .execute()
      await sql().deleteFrom('token_expiries').where('noted_at', '<', before).execute()
      await sql().deleteFrom('token_warnings').where('warned_at', '<', before).execute()
    },
  })
}

const EXPIRED_AT_ONCE = 500
const ENDED_SHOWN = 100
