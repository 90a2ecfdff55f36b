// A token as its row has it, and back.

import type { ExpressionBuilder } from 'kysely'
import { newId, type UserId } from '#kernel'
import type { TokenForm } from './token-form.ts'
import type { TokenRow, TokenTables } from './token-tables.ts'
import type { Token } from './tokens.ts'

export interface NewTokenRow {
  readonly userId: UserId
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt?: number
}

export const toRow = (form: TokenForm, { userId, name, scopes, expiresAt }: NewTokenRow, now: number): TokenRow => ({
  id: newId(),
  hash: form.hash,
  user_id: userId,
  kind: form.kind,
  name,
  scopes: JSON.stringify(scopes),
  prefix: form.hint,
  created_at: now,
  expires_at: expiresAt ?? null,
  last_used_at: null,
  last_used_from: null,
  revoked_at: null,
})

export const toToken = (row: TokenRow): Token => ({
  id: row.id,
  // A user's id went in.
  userId: row.user_id as UserId,
  kind: row.kind,
  name: row.name,
  scopes: JSON.parse(row.scopes) as readonly string[],
  prefix: row.prefix,
  createdAt: row.created_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  ...(row.last_used_from !== null && { lastUsedFrom: row.last_used_from }),
})

/** Those whose time is over later than then, or never. */
export const endsAfter = (moment: number) => (where: ExpressionBuilder<TokenTables, 'api_tokens'>) =>
  where.or([where('expires_at', 'is', null), where('expires_at', '>', moment)])
