// The table of approvals: who waits, since when, who was told, what was decided. Rows are made by the first login
// (`user-store.ts`), everything else happens here.

import type { Kysely } from 'kysely'
import type { Storage } from '#storage'
import type { Approval } from './access.ts'
import { markChanged } from './standing-store.ts'
import type { PeopleTables } from './user-tables.ts'

/** Runs in the transaction of the change. */
export type Within = (transaction: Kysely<PeopleTables>) => Promise<void>

export interface Decision {
  /** What it must be for the decision to change anything. */
  readonly from: readonly Approval[]
  readonly to: Approval
}

export interface ApprovalStore {
  /** Whether the person waits, and nobody was told after that instant. */
  mayBeAnnounced(userId: string, toldBefore: number): Promise<boolean>
  /** Notes that the administrators are told now, unless another login was quicker; only then `within` runs. */
  noteAnnounced(userId: string, now: number, toldBefore: number, within: Within): Promise<void>
  /** @returns whether it changed anything; only then `within` runs. */
  decide(userId: string, decision: Decision, now: number, within: Within): Promise<boolean>
}

export function createApprovalStore(storage: Pick<Storage, 'sql'>): ApprovalStore {
  return Object.freeze({
    async mayBeAnnounced(userId: string, toldBefore: number) {
      const row = await storage
        .sql<PeopleTables>()
        .selectFrom('user_approvals')
        .select('mailed_at')
        .where('user_id', '=', userId)
        .where('approval', '=', 'pending')
        .executeTakeFirst()
      return row !== undefined && (row.mailed_at ?? 0) <= toldBefore
    },

    noteAnnounced: (userId: string, now: number, toldBefore: number, within: Within) =>
      storage
        .sql<PeopleTables>()
        .transaction()
        .execute(async (transaction) => {
          const { numUpdatedRows } = await transaction
            .updateTable('user_approvals')
            .set({ mailed_at: now })
            .where('user_id', '=', userId)
            .where('approval', '=', 'pending')
            .where((where) => where.or([where('mailed_at', 'is', null), where('mailed_at', '<=', toldBefore)]))
            .executeTakeFirstOrThrow()
          if (numUpdatedRows > 0n) await within(transaction)
        }),

    decide: (userId: string, { from, to }: Decision, now: number, within: Within) =>
      storage
        .sql<PeopleTables>()
        .transaction()
        .execute(async (transaction) => {
          const { numUpdatedRows } = await transaction
            .updateTable('user_approvals')
            .set({ approval: to, decided_at: now })
            .where('user_id', '=', userId)
            .where('approval', 'in', from)
            .executeTakeFirstOrThrow()
          if (numUpdatedRows === 0n) return false
          await markChanged(transaction)
          await within(transaction)
          return true
        }),
  })
}
