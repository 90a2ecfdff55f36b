// Bounds what strangers make us remember: logins that were begun and have not come back. So many for an address (or for a
// browser that has logged in before), and so many in all; browsers that have logged in before are not stopped by what
// strangers begin.

import { addressKey, type RequestContext } from '#http'
import type { Clock } from '#kernel'
import { createExactBudget, type ExactBudget, type KeyValueStore } from '#storage'
import { loginErrors } from './errors.ts'
import type { KnownBrowsers } from './known-browsers.ts'
import type { LoginLimits } from './ports.ts'

export interface PendingLogins {
  /** @returns what `end` is to be given, as text. @throws login.tooManyPending, login.busy */
  begin(ctx: RequestContext): Promise<string>
  /** The login has come back. */
  end(ticket: string | undefined): Promise<void>
}

export interface PendingLoginsDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly browsers: KnownBrowsers
  readonly limits: LoginLimits
}

type Place = readonly [budget: 'own' | 'all', key: string, takenAt: number]

export function createPendingLogins({ clock, keyValue, browsers, limits }: PendingLoginsDeps): PendingLogins {
  const create = (name: string, rate: LoginLimits[keyof LoginLimits]): ExactBudget | undefined =>
    rate && createExactBudget({ name, rate, clock, keyValue })
  const budgets = {
    own: create('login-pending', limits.pendingPerAddress),
    all: create('login-pending-all', limits.pending),
  }

  const giveBack = async (places: readonly Place[]): Promise<void> => {
    await Promise.all(places.map(async ([budget, key, takenAt]) => budgets[budget]?.giveBack(key, takenAt)))
  }

  const takeAll = async (key: string): Promise<readonly Place[]> => {
    const taking = await budgets.all?.take(key)
    if (taking === undefined) return []
    if (taking.waitMs > 0) throw loginErrors.busy({})
    return [['all', key, taking.takenAt]]
  }

  return Object.freeze({
    async begin(ctx: RequestContext) {
      const browser = browsers.findAny(ctx)
      const key = browser ?? addressKey(ctx.client.address)
      const taking = await budgets.own?.take(key)
      if (taking !== undefined && taking.waitMs > 0) throw loginErrors.tooManyPending({ waitMs: taking.waitMs })
      const own: readonly Place[] = taking === undefined ? [] : [['own', key, taking.takenAt]]
      if (browser !== undefined) return JSON.stringify(own)
      try {
        return JSON.stringify([...own, ...(await takeAll('all'))])
      } catch (error) {
        await giveBack(own)
        throw error
      }
    },
    async end(ticket: string | undefined) {
      // The ticket comes out of our own sealed attempt. A place that is not given back ends with its window.
      if (ticket !== undefined) await giveBack(JSON.parse(ticket) as readonly Place[]).catch(() => {})
    },
  })
}
