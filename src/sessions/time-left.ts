// How long a session has.

import type { SessionRow } from './session.ts'

/** Until the earlier of its two ends, in ms; negative when it is over. */
export const timeLeftMs = (row: SessionRow, now: number): number => Math.min(row.idleEndsAt, row.endsAt) - now
