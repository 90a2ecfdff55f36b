// How a person wants the pages, kept on the server: the same in every browser that they log in with.

import type { ColumnType, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { LANGUAGES, type Language, THEMES, type Theme } from '#http'
import type { UserId } from '#kernel'
import { type Storage, upsert } from '#storage'

export interface Preferences {
  readonly theme: Theme
  /** Absent: the browser's. */
  readonly language?: Language | undefined
}

interface Tables {
  readonly preferences: {
    readonly user_id: string
    readonly theme: string
    readonly language: string | null
    /** Milliseconds since the epoch. */
    readonly changed_at: ColumnType<number | string, number, number>
  }
}

/** One statement: not every database rolls back changes of schema. */
export const preferencesMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-22-50-preferences': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('preferences')
        .ifNotExists()
        .addColumn('user_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('theme', 'varchar(16)', (column) => column.notNull())
        .addColumn('language', 'varchar(16)')
        .addColumn('changed_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}

export interface PreferenceStore {
  /** Undefined if the person has chosen nothing yet. */
  find(userId: UserId): Promise<Preferences | undefined>
  put(userId: UserId, preferences: Preferences, now: number): Promise<void>
}

export const createPreferenceStore = ({ sql }: Pick<Storage, 'sql'>): PreferenceStore =>
  Object.freeze({
    async find(userId: UserId) {
      const row = await sql<Tables>()
        .selectFrom('preferences')
        .select(['theme', 'language'])
        .where('user_id', '=', userId)
        .executeTakeFirst()
      if (row === undefined) return undefined
      const language = LANGUAGES.find((each) => each === row.language)
      return {
        theme: THEMES.find((each) => each === row.theme) ?? 'system',
        ...(language !== undefined && { language }),
      }
    },
    async put(userId: UserId, { theme, language }: Preferences, now: number) {
      const row = { user_id: userId, theme, language: language ?? null, changed_at: now }
      await upsert(sql<Tables>(), 'preferences', { row, key: ['user_id'], update: ['theme', 'language', 'changed_at'] })
    },
  })
