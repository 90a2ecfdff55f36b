// A rate that all nodes share to the last one: each taking is counted in the store before it is granted, so that of many
// at once no more than the limit go on. For what is rare and matters, such as trying a password.

import type { Rate } from '#config'
import type { Clock } from '#kernel'
import type { KeyValueStore } from './key-value.ts'
import { remainingOf, waitFor, windowAt } from './sliding-window.ts'

export interface ExactBudget {
  /** @throws storage.unavailable: where nothing can be counted, nothing is granted. */
  take(key: string): Promise<Taking>
  /** Puts one back that was taken at that time. */
  giveBack(key: string, takenAt: number): Promise<void>
}

export interface Taking {
  /** 0 if there was one; otherwise the milliseconds until there is, and nothing was taken. */
  readonly waitMs: number
  /** Of the wall clock. */
  readonly takenAt: number
}

export interface ExactBudgetOptions {
  /** Part of the keys in the store. */
  readonly name: string
  readonly rate: Rate
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'get' | 'increment'>
}

export function createExactBudget({ name, rate, clock, keyValue }: ExactBudgetOptions): ExactBudget {
  const keyOf = (key: string, window: number): string => `budget:${name}:${key}:${window}`
  const add = (key: string, window: number, by: number): Promise<number> =>
    keyValue.increment(keyOf(key, window), { by, ttlMs: rate.windowMs * 2 })
  const read = async (key: string, window: number): Promise<number> =>
    Math.max(0, Number((await keyValue.get(keyOf(key, window))) ?? 0))

  return Object.freeze({
    async take(key: string) {
      const takenAt = clock.now()
      const window = windowAt(rate, takenAt)
      const [before, seen] = await Promise.all([read(key, window - 1), read(key, window)])
      // Who is refused leaves no trace: asking again does not make it longer.
      const refused = { before, spent: seen }
      if (remainingOf(rate, refused, takenAt) < 1) return { waitMs: waitFor(rate, refused, takenAt), takenAt }
      const spent = (await add(key, window, 1)) - 1
      if (remainingOf(rate, { before, spent }, takenAt) >= 1) return { waitMs: 0, takenAt }
      await add(key, window, -1)
      return { waitMs: waitFor(rate, { before, spent }, takenAt), takenAt }
    },
    async giveBack(key: string, takenAt: number) {
      await add(key, windowAt(rate, takenAt), -1)
    },
  })
}
