// Which tokens end soon, and of which of them somebody has been warned.

import type { Kysely } from 'kysely'
import { insertIfAbsent, type Storage } from '#storage'
import { toToken } from './token-row.ts'
import type { TokenTables } from './token-tables.ts'
import type { Token } from './tokens.ts'

export type EndingToken = Token & { readonly expiresAt: number }

export interface WarningStore {
  /**
   * Those of whose end nobody has been warned, the next to end first: tokens of people that are good for longer than
   * `withinMs` altogether, and keys that are used although a newer one was made, of accounts that do not rotate by themselves.
   */
  ending(now: number, withinMs: number): Promise<readonly EndingToken[]>
  /** @param warn of those of whom nobody else has warned meanwhile, in the same transaction */
  noteWarned(
    tokens: readonly EndingToken[],
    now: number,
    warn: (taken: readonly EndingToken[], transaction: Kysely<TokenTables>) => Promise<void>,
  ): Promise<void>
}

const AT_ONCE = 500

export function createWarningStore(storage: Pick<Storage, 'sql'>): WarningStore {
  const sql = () => storage.sql<TokenTables>()

  return Object.freeze({
    async ending(now: number, withinMs: number) {
      const rows = await sql()
        .selectFrom('api_tokens')
        .leftJoin('token_warnings', 'token_warnings.token_id', 'api_tokens.id')
        .leftJoin('service_accounts', 'service_accounts.user_id', 'api_tokens.user_id')
        .selectAll('api_tokens')
        .where('token_warnings.token_id', 'is', null)
        .where('api_tokens.revoked_at', 'is', null)
        .where('api_tokens.expires_at', '>', now)
        .where('api_tokens.expires_at', '<=', now + withinMs)
        .where(({ or, and, eb, ref }) =>
          or([
            and([
              eb('api_tokens.kind', '=', 'api-token'),
              eb('api_tokens.created_at', '<', eb('api_tokens.expires_at', '-', withinMs)),
            ]),
            and([
              eb('api_tokens.kind', '=', 'service-account'),
              eb('service_accounts.rotate_every_ms', 'is', null),
              eb('api_tokens.last_used_at', '>', ref('service_accounts.rotated_at')),
            ]),
          ]),
        )
        .orderBy('api_tokens.expires_at')
        .orderBy('api_tokens.id')
        .limit(AT_ONCE)
        .execute()
      return rows.map((row) => ({ ...toToken(row), expiresAt: row.expires_at ?? now }))
    },

    noteWarned: (tokens, now, warn) =>
      sql()
        .transaction()
        .execute(async (transaction) => {
          const taken: EndingToken[] = []
          for (const token of tokens) {
            const note = { row: { token_id: token.id, warned_at: now }, key: ['token_id'] as const }
            if (await insertIfAbsent(transaction, 'token_warnings', note)) taken.push(token)
          }
          await warn(taken, transaction)
        }),
  } satisfies WarningStore)
}
