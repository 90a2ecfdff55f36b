// By which names the sessions are known that were in use here lately: a session's end is told without its name, and the
// Manager knows nothing else.

import type { Clock } from '#kernel'

export interface NamesInUse {
  note(ref: string, name: string): void
  /** @returns the name, once */
  take(ref: string): string | undefined
  /** Forgets those that were not in use for a while. Called now and then. */
  sweep(): void
}

/** As long as the sessions themselves are remembered after their last use, and longer. */
const REMEMBERED_MS = 10 * 60_000

export function createNamesInUse(clock: Clock): NamesInUse {
  /** The one that was used last stands last. */
  const byRef = new Map<string, { readonly name: string; readonly atMs: number }>()
  return Object.freeze({
    note(ref: string, name: string) {
      byRef.delete(ref)
      byRef.set(ref, { name, atMs: clock.monotonicMs() })
    },
    take(ref: string) {
      const name = byRef.get(ref)?.name
      byRef.delete(ref)
      return name
    },
    sweep() {
      const oldestMs = clock.monotonicMs() - REMEMBERED_MS
      for (const [ref, { atMs }] of byRef) {
        if (atMs > oldestMs) return
        byRef.delete(ref)
      }
    },
  })
}
