// How long a database on a server may let us wait, PostgreSQL and MariaDB alike: whatever takes longer has failed.

import type { SlotLimits } from './connection-slots.ts'

export interface ServerLimits {
  /** For the way to the server and the login there. */
  readonly connectMs: number
  /** Given to the server: it ends a statement by itself after this. */
  readonly statementMs: number
  /** Given to the server: how long a statement waits for somebody else's lock. */
  readonly lockMs: number
  /** Our own: a connection that has not answered a statement after this is closed. */
  readonly answerMs: number
  /** Given to the server: it closes a connection in a transaction that hears nothing for this long. */
  readonly silenceMs: number
  readonly slots: SlotLimits
}

/** For the short statements of features. */
export const shortLimits = (slots: number): ServerLimits => ({
  connectMs: 3_000,
  statementMs: 4_000,
  lockMs: 3_000,
  answerMs: 5_000,
  silenceMs: 30_000,
  slots: { slots, queue: 1_000, waitMs: 3_000 },
})

const hourMs = 3_600_000

/** Migrations wait for each other's lock and may rewrite a table. A run needs two: it reads beside its lock. */
export const migrationLimits: ServerLimits = {
  connectMs: 3_000,
  statementMs: hourMs,
  lockMs: hourMs,
  answerMs: hourMs + 2_000,
  silenceMs: hourMs,
  slots: { slots: 2, queue: 10, waitMs: 3_000 },
}

/** For open connections to be closed in order; those that are left then are cut off. */
export const closeMs = 1_000
