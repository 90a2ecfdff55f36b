// What a start leaves behind. It makes many objects that stay, which V8 takes for a sign of more to come: it keeps room
// for them, 25 MiB and more that a gateway needs under load, and not while nobody asks.

import type { Clock } from '#kernel'

/**
 * Gives it back a little after the start, when those who waited for that have been answered. Nothing else is answered
 * meanwhile, for about a tenth of a second. Without `node --expose-gc` the memory stays.
 */
export const giveBackStartupMemory = (clock: Clock): void => {
  clock.after(SETTLED_MS, () => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }))
}

const SETTLED_MS = 1_000
