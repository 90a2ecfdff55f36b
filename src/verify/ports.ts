// What this feature needs of others of its rank; the composition hands it over.

import type { Principal } from '#access'

/** Of `proxy`, which owns the keys: tokens in which Gatehouse says who somebody is. */
export interface TokenSource {
  identityTokens(options: {
    readonly audience: string
    readonly lifetimeMs: number
    readonly reuseMs: number
  }): (principal: Principal) => string
}
