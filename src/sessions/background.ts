// Work that no request waits for. A failure is logged; a stop waits for what runs.

import type { Logger } from '#telemetry'

export interface Background {
  /** @param what names the work in the log when it fails. */
  run(what: string, work: Promise<unknown>): void
  /** Resolves when nothing runs any more, what was started meanwhile included. */
  settled(): Promise<void>
}

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<void>>()

  const guard = async (what: string, work: Promise<unknown>): Promise<void> => {
    try {
      await work
    } catch (error) {
      log.warn({ event: 'session_background_failed', what, err: error }, `${what} failed`)
    }
  }

  return Object.freeze({
    run(what: string, work: Promise<unknown>) {
      const guarded = guard(what, work)
      running.add(guarded)
      void guarded.then(() => running.delete(guarded))
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  })
}
