// Bounds guessing: tokens that are not good are counted for the address that they come from, over all nodes. Once an
// address has used up its share, this node looks at nothing more from there, right or wrong, until there is some again.
// What is good costs nothing: it is not counted, and no store is asked for it.

import type { Clock } from '#kernel'
import type { ExactBudget } from '#storage'
import { tokenErrors } from './errors.ts'

export interface TokenFailures {
  /** @throws token.tooManyFailures */
  check(address: string): void
  /** One was not good. @throws token.tooManyFailures if it was one too many */
  count(address: string): Promise<void>
}

const MAX_ADDRESSES = 20_000

/** @param budget undefined: as many as anybody likes */
export function createTokenFailures(budget: ExactBudget | undefined, clock: Clock): TokenFailures {
  /** Until when, on the monotonic clock. */
  const shut = new Map<string, number>()

  const shutFor = (address: string, waitMs: number): void => {
    shut.delete(address)
    shut.set(address, clock.monotonicMs() + waitMs)
    const [oldest] = shut.keys()
    if (shut.size > MAX_ADDRESSES && oldest !== undefined) shut.delete(oldest)
  }

  return Object.freeze({
    check(address: string) {
      const until = shut.get(address)
      if (until === undefined) return
      const waitMs = until - clock.monotonicMs()
      if (waitMs > 0) throw tokenErrors.tooManyFailures({ waitMs })
      shut.delete(address)
    },
    async count(address: string) {
      const taking = await budget?.take(address)
      if (taking === undefined || taking.waitMs === 0) return
      shutFor(address, taking.waitMs)
      throw tokenErrors.tooManyFailures({ waitMs: taking.waitMs })
    },
  })
}
