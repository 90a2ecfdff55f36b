// What a process knows of a database that does not answer at all. A request asks it several times, one after the other,
// and each time would wait for the whole limit; so once it was silent, one at a time tries it, a moment later, and all
// others are told at once.

export interface Silence {
  /** Call before asking, and what it returns when done. @throws where it is not to be asked now */
  enter(): () => void
  /** Runs `work`, which fails after `limitMs` if nothing comes. */
  watch<Result>(work: () => Promise<Result>, watch: Watch): Promise<Result>
}

export interface Watch {
  readonly limitMs: number
  /** Whether it came from the server. */
  readonly isAnswer: (outcome: { readonly error?: unknown }) => boolean
}

/** After the last silence, before it is tried again. */
const pauseMs = 1_000

export function createSilence(): Silence {
  let triedAgainAtMs: number | undefined
  let isTrying = false

  return Object.freeze({
    enter() {
      if (triedAgainAtMs === undefined) return () => {}
      if (isTrying || performance.now() < triedAgainAtMs) throw new Error('it has not answered for a while')
      isTrying = true
      return () => {
        isTrying = false
      }
    },
    async watch<Result>(work: () => Promise<Result>, { limitMs, isAnswer }: Watch) {
      const startedAtMs = performance.now()
      try {
        const result = await work()
        if (isAnswer({})) triedAgainAtMs = undefined
        return result
      } catch (error) {
        const nowMs = performance.now()
        if (isAnswer({ error })) triedAgainAtMs = undefined
        // Timers are a little early at times.
        else if (nowMs - startedAtMs >= limitMs - 100) triedAgainAtMs = nowMs + pauseMs
        throw error
      }
    },
  })
}
