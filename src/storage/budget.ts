// A rate that all nodes share, for what happens so often that no request may wait for the store: a node takes a batch
// out of the common budget, hands it out by itself, and fetches the next before the last is used up. What it has
// taken and not handed out when the window ends is lost, so that errors are on the strict side.
// The first of a key in a window goes through while the store is asked: all nodes together exceed the limit by
// at most one for each node. While the store is away, each node counts for itself.

import type { Rate } from '#config'
import type { Clock } from '#kernel'
import type { KeyValueStore } from './key-value.ts'
import { remainingOf, waitFor, windowAt } from './sliding-window.ts'

export interface Budget {
  readonly name: string
  readonly rate: Rate
  /**
   * Takes one. Synchronous unless the batch is used up and the next has not come.
   * @returns 0 if there was one, otherwise the milliseconds until there is.
   */
  take(key: string): number | Promise<number>
}

export interface BudgetOptions {
  /** Part of the keys in the store. */
  readonly name: string
  readonly rate: Rate
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'get' | 'increment'>
  /** How many keys a node remembers; of more, those used least lately start again with what the store knows. */
  readonly maxKeys?: number
}

/** What this node knows about one key in one window. */
interface Account {
  readonly key: string
  window: number
  before: number
  /** On all nodes, as far as this one knows; never less than what it took itself. */
  spent: number
  /** Taken out of the budget and not handed out. */
  left: number
  /** When so few are left, more are fetched. */
  low: number
  /** Handed out and not told the store. */
  owed: number
  /** Handed out by this node: who needs much is given larger batches. */
  used: number
  isKnown: boolean
  asking: Promise<void> | undefined
}

/** A batch is at most this part of the limit, and of what is left. */
const MAX_PART = 1 / 20
const MAX_PART_LEFT = 1 / 4
/** After a failure of the store this node does without for so long. */
const AWAY_MS = 1000
const MAX_KEYS = 20_000

export function createBudget(options: BudgetOptions): Budget {
  const { name, rate, clock, keyValue, maxKeys = MAX_KEYS } = options
  const maxBatch = Math.max(1, Math.floor(rate.limit * MAX_PART))
  const storeKey = (key: string, window: number): string => `rate:${name}:${key}:${window}`
  // Two generations: what is not used while one fills up is forgotten with the other.
  let young = new Map<string, Account>()
  let old = new Map<string, Account>()
  let awayUntilMs = Number.NEGATIVE_INFINITY

  const find = (key: string, window: number): Account => {
    const known = young.get(key)
    if (known !== undefined) return known
    if (young.size >= maxKeys) {
      old = young
      young = new Map()
    }
    const account = old.get(key) ?? createAccount(key, window)
    young.set(key, account)
    return account
  }

  /** Enters what the store answered to a node that wanted a batch and told it what it owed. */
  const settle = (
    account: Account,
    answer: { readonly batch: number; readonly told: number; readonly sum: number },
  ) => {
    const { batch, told, sum } = answer
    const asked = told + batch
    const allowed = Math.floor(remainingOf(rate, { before: account.before, spent: sum - asked }, clock.now()))
    // A store that has lost its count does not make a node forget what it knows: it is told again.
    const lost = Math.max(0, account.spent + batch - (account.owed - told) - sum)
    account.owed += lost - told
    account.spent = sum + account.owed
    account.left += Math.max(0, Math.min(asked, allowed) - told)
    account.low = account.left >> 1
  }

  const askStore = async (account: Account, batch: number): Promise<void> => {
    const { key, window, isKnown, owed: told } = account
    try {
      const [sum, before] = await Promise.all([
        keyValue.increment(storeKey(key, window), { by: told + batch, ttlMs: rate.windowMs * 2 }),
        isKnown ? undefined : keyValue.get(storeKey(key, window - 1)),
      ])
      if (account.window !== window) return
      account.before = Math.max(account.before, Number(before ?? 0))
      account.isKnown = true
      settle(account, { batch, told, sum })
    } catch {
      awayUntilMs = clock.monotonicMs() + AWAY_MS
    }
  }

  const ask = (account: Account): Promise<void> => {
    const spare = remainingOf(rate, account, clock.now())
    const batch = Math.max(1, Math.min(maxBatch, Math.floor(spare * MAX_PART_LEFT), account.used))
    account.asking ??= askStore(account, batch).finally(() => {
      account.asking = undefined
    })
    return account.asking
  }

  /** The store does not answer: what is handed out is told it when it does. */
  const takeAlone = (account: Account): number => {
    const nowMs = clock.now()
    if (remainingOf(rate, account, nowMs) < 1) return waitFor(rate, account, nowMs)
    account.spent += 1
    account.owed += 1
    account.used += 1
    return 0
  }

  const takeAsked = async (account: Account): Promise<number> => {
    await ask(account)
    return take(account.key)
  }

  const takeLast = (account: Account): number | Promise<number> => {
    if (clock.monotonicMs() < awayUntilMs) return takeAlone(account)
    const nowMs = clock.now()
    if (remainingOf(rate, account, nowMs) < 1) return waitFor(rate, account, nowMs)
    if (account.used > 0) return takeAsked(account)
    const waitMs = takeAlone(account)
    void ask(account)
    return waitMs
  }

  const take = (key: string): number | Promise<number> => {
    const window = windowAt(rate, clock.now())
    const account = find(key, window)
    if (account.window !== window) beginWindow(account, window)
    if (account.left === 0) return takeLast(account)
    account.left -= 1
    account.used += 1
    if (account.left <= account.low && account.asking === undefined) prefetch(account)
    return 0
  }

  const prefetch = (account: Account): void => {
    if (clock.monotonicMs() >= awayUntilMs && remainingOf(rate, account, clock.now()) >= 1) void ask(account)
  }

  return Object.freeze({ name, rate, take })
}

const createAccount = (key: string, window: number): Account => ({
  key,
  window,
  before: 0,
  spent: 0,
  left: 0,
  low: 0,
  owed: 0,
  used: 0,
  isKnown: false,
  asking: undefined,
})

function beginWindow(account: Account, window: number): void {
  account.before = account.window === window - 1 ? account.spent : 0
  account.window = window
  account.spent = 0
  account.left = 0
  account.owed = 0
  account.used = 0
  account.isKnown = false
}
