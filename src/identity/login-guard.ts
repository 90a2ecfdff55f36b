// Bounds guessing: wrong passwords are counted for an account and an address, for an address, and for an account. An
// attempt is counted before the password is looked at and given back if it was right, so that many at once gain nothing.
// A stranger cannot lock anybody out: who comes from elsewhere has a budget of their own, and where many addresses
// guess together, those from which the account has been used before still have theirs.

import { addressKey, type RequestContext } from '#http'
import type { Clock } from '#kernel'
import { createExactBudget, type ExactBudget, type KeyValueStore } from '#storage'
import { accountKey, typedKey } from './account-key.ts'
import { loginErrors } from './errors.ts'
import type { KnownBrowsers } from './known-browsers.ts'
import type { LoginLimits } from './ports.ts'
import { createTurnstile, type Turnstile } from './turnstile.ts'

export interface LoginGuard {
  /**
   * Runs a check of a password, or of a token that stands for a person, if there is still one to be had.
   *
   * @param login without a name, it is a token's: the address, or a browser that has logged in before, is what counts
   * @param check its outcome `refused` counts; after `done`, browser and address are known; nothing else counts
   * @throws login.tooManyFailures, the same for right and wrong passwords; login.busy
   */
  attempt<Outcome extends { readonly kind: string }>(
    ctx: RequestContext,
    login: { readonly provider: string; readonly username?: string },
    check: () => Promise<Outcome>,
  ): Promise<Outcome>
}

export interface LoginGuardDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly browsers: KnownBrowsers
  readonly limits: LoginLimits
}

const KNOWN_ADDRESS_MS = 30 * 86_400_000
const MAX_WAITING = 500

interface Bound extends ExactBudget {
  /** What is under way is counted as if it would fail: so that good logins wait for each other instead. */
  readonly inTurn: Turnstile
}

interface Named {
  readonly account: string
  readonly typed: string
}

interface Claim {
  readonly bound: Bound | undefined
  readonly key: string
  /** Asked when there is none left: whether this one goes on all the same. */
  readonly unless?: () => Promise<boolean>
}

export function createLoginGuard({ clock, keyValue, browsers, limits }: LoginGuardDeps): LoginGuard {
  const createBound = (name: string, rate: LoginLimits[keyof LoginLimits]): Bound | undefined => {
    if (rate === undefined) return undefined
    const atOnce = Math.max(1, Math.floor(rate.limit / 3))
    const inTurn = createTurnstile({ atOnce, waiting: MAX_WAITING })
    return { ...createExactBudget({ name, rate, clock, keyValue }), inTurn }
  }
  const ofPair = createBound('login', limits.failures)
  const ofBrowser = createBound('login-browser', limits.failures)
  const ofAddress = createBound('login-address', limits.failuresPerAddress)
  const ofAccount = createBound('login-account', limits.failuresPerAccount)

  const knownKey = (typed: string, address: string): string => `login-known:${typed}:${address}`

  const claimsOfToken = (ctx: RequestContext, address: string): readonly Claim[] => {
    const browser = browsers.findAny(ctx)
    return [browser === undefined ? { bound: ofAddress, key: address } : { bound: ofBrowser, key: browser }]
  }

  /** Names are many to an account, but whom the browser and the address are known for is one person, by one name. */
  const claimsOf = (ctx: RequestContext, { account, typed }: Named, address: string): readonly Claim[] => {
    const browser = browsers.find(ctx, typed)
    if (browser !== undefined) return [{ bound: ofBrowser, key: browser }]
    const isKnown = async () => (await keyValue.get(knownKey(typed, address))) !== undefined
    // The address first: of one that is refused nothing is kept, whatever names it makes up.
    return [
      { bound: ofAddress, key: address },
      { bound: ofPair, key: `${account}:${address}` },
      { bound: ofAccount, key: account, unless: isKnown },
    ]
  }

  /** Claims the first, then the others, then runs; gives back all unless the outcome counts. */
  const runWithin = async <Outcome extends { readonly kind: string }>(
    [claim, ...others]: readonly Claim[],
    check: () => Promise<Outcome>,
  ): Promise<Outcome> => {
    if (claim === undefined) return check()
    const { bound, key, unless } = claim
    if (bound === undefined) return runWithin(others, check)
    return bound.inTurn(key, async () => {
      const { waitMs, takenAt } = await bound.take(key)
      if (waitMs > 0) {
        if ((await unless?.()) !== true) throw loginErrors.tooManyFailures({ waitMs })
        return runWithin(others, check)
      }
      let counts = false
      try {
        const outcome = await runWithin(others, check)
        counts = outcome.kind === 'refused'
        return outcome
      } finally {
        if (!counts) await bound.giveBack(key, takenAt)
      }
    })
  }

  return Object.freeze({
    async attempt<Outcome extends { readonly kind: string }>(
      ctx: RequestContext,
      { provider, username }: { readonly provider: string; readonly username?: string },
      check: () => Promise<Outcome>,
    ) {
      const address = addressKey(ctx.client.address)
      if (username === undefined) return runWithin(claimsOfToken(ctx, address), check)
      const named = { account: accountKey(provider, username), typed: typedKey(provider, username) }
      const outcome = await runWithin(claimsOf(ctx, named, address), check)
      if (outcome.kind === 'done') {
        browsers.remember(ctx, named.typed)
        await keyValue.set(knownKey(named.typed, address), '1', { ttlMs: KNOWN_ADDRESS_MS })
      }
      return outcome
    },
  })
}
