// Who may use a connection of a pool, and who waits for one: as many as there are connections, and behind them a queue
// that is bounded in length and in time, because a database that does not answer must not collect requests.

export interface SlotLimits {
  readonly slots: number
  /** How many may wait. */
  readonly queue: number
  /** How long one may wait. */
  readonly waitMs: number
}

export interface ConnectionSlots {
  /** Waits for a slot. @returns gives it back; calling it again does nothing. @throws if there was none in time */
  take(): Promise<() => void>
}

export function createConnectionSlots({ slots, queue, waitMs }: SlotLimits): ConnectionSlots {
  let free = slots
  // In order of arrival.
  const waiting = new Set<() => void>()

  const give = (): void => {
    const [next] = waiting
    if (next === undefined) free += 1
    else next()
  }

  const once = (): (() => void) => {
    let isGiven = false
    return () => {
      if (!isGiven) give()
      isGiven = true
    }
  }

  const wait = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(go)
        reject(new Error(`no connection was free within ${waitMs} ms`))
      }, waitMs)
      const go = (): void => {
        clearTimeout(timer)
        waiting.delete(go)
        resolve()
      }
      waiting.add(go)
    })

  return Object.freeze({
    async take() {
      if (free > 0) free -= 1
      else if (waiting.size < queue) await wait()
      else throw new Error(`${queue} others wait for a connection already`)
      return once()
    },
  })
}
