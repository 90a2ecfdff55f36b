// The tables about tokens and service accounts, and the mark that says that something of them has changed.

import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { newId } from '#kernel'
import { upsert } from '#storage'
import type { TokenKind } from './tokens.ts'

export interface TokenTables {
  readonly api_tokens: TokenRow
  readonly token_expiries: TokenExpiryRow
  readonly token_owners: TokenOwnerRow
  readonly token_warnings: TokenWarningRow
  readonly service_accounts: ServiceAccountColumns
  readonly token_changes: { readonly name: string; readonly version: string }
}

export interface TokenRow {
  readonly id: string
  readonly hash: string
  readonly user_id: string
  readonly kind: TokenKind
  readonly name: string
  /** A JSON array. */
  readonly scopes: string
  readonly prefix: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  readonly last_used_from: string | null
  readonly revoked_at: number | null
}

/** Whose end by time is in the audit log. */
export interface TokenExpiryRow {
  readonly token_id: string
  readonly noted_at: number
}

/** Written before a person's tokens are counted for another one, so that those who count at once take turns. */
export interface TokenOwnerRow {
  readonly user_id: string
  readonly minted_at: number
}

/** Of whose end somebody has been warned. */
export interface TokenWarningRow {
  readonly token_id: string
  readonly warned_at: number
}

export interface ServiceAccountColumns {
  readonly name: string
  readonly user_id: string
  readonly description: string
  /** A JSON array. */
  readonly scopes: string
  readonly rotate_every_ms: number | null
  readonly overlap_ms: number
  readonly created_at: number
  readonly rotated_at: number | null
}

/** One statement each, which does no harm twice. */
export const tokenMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-22-10-api-tokens': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('api_tokens')
        .ifNotExists()
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('hash', 'varchar(64)', (column) => column.notNull().unique())
        .addColumn('user_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('kind', 'varchar(32)', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('prefix', 'varchar(16)', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint')
        .addColumn('last_used_at', 'bigint')
        .addColumn('last_used_from', 'varchar(64)')
        .addColumn('revoked_at', 'bigint')
        .execute()
    },
  },
  '2026-11-22-11-api-tokens-user': {
    up: async (database: Kysely<unknown>) => {
      await database.schema.createIndex('api_tokens_user').ifNotExists().on('api_tokens').column('user_id').execute()
    },
  },
  '2026-11-22-12-token-changes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('token_changes')
        .ifNotExists()
        .addColumn('name', 'varchar(32)', (column) => column.primaryKey())
        .addColumn('version', 'varchar(64)', (column) => column.notNull())
        .execute()
    },
  },
  '2026-11-22-13-service-accounts': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('service_accounts')
        .ifNotExists()
        .addColumn('name', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('user_id', 'varchar(64)', (column) => column.notNull().unique())
        .addColumn('description', 'text', (column) => column.notNull())
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('rotate_every_ms', 'bigint')
        .addColumn('overlap_ms', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('rotated_at', 'bigint')
        .execute()
    },
  },
  '2026-11-22-14-token-expiries': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('token_expiries')
        .ifNotExists()
        .addColumn('token_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('noted_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '2026-11-22-15-token-owners': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('token_owners')
        .ifNotExists()
        .addColumn('user_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('minted_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '2026-11-22-16-token-warnings': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('token_warnings')
        .ifNotExists()
        .addColumn('token_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('warned_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}

/** To be called in the transaction of each change that makes a token good for less, or for nothing. */
export const markTokensChanged = (database: Kysely<TokenTables>): Promise<void> =>
  upsert(database, 'token_changes', { row: { name: MARK, version: newId() }, key: ['name'], update: ['version'] })

/** The name of the one row of `token_changes`. */
export const MARK = 'tokens'
