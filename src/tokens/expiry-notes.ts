// Writes into the audit log that the time of a token is over: once for each, on whichever node looks first.

import type { Audit } from '#telemetry'
import type { TokenStore } from './token-store.ts'

/** How often it is looked, in ms. */
export const expiryLookMs = 60_000

export interface ExpiryNotesDeps {
  readonly clock: { now(): number }
  readonly store: Pick<TokenStore, 'takeExpired'>
  readonly audit: Audit
}

export const createExpiryNotes =
  ({ clock, store, audit }: ExpiryNotesDeps) =>
  async (): Promise<void> => {
    for (const { id, userId, name, kind, prefix, expiresAt } of await store.takeExpired(clock.now())) {
      const detail = { name, kind, prefix, ...(expiresAt !== undefined && { expiresAt }) }
      await audit.record({ action: 'token.expire', outcome: 'success', userId, subject: id, detail })
    }
  }
