// What a request with a token has opened and left open ends with the token: revoked, expired, or its person disabled.

import type { Access } from '#access'
import type { Clock, UserId } from '#kernel'
import type { WatchEnd } from '#sessions'
import type { Claims } from './claims.ts'
import type { Revocations } from './revocations.ts'

export interface TokenWatches {
  /** Calls back once when the token is good no more. @returns a function that ends the watch */
  watch(claims: Claims, ended: (reason: WatchEnd) => void): () => void
  start(): void
  stop(): void
}

export interface TokenWatchesDeps {
  readonly clock: Pick<Clock, 'now' | 'every'>
  readonly revocations: Pick<Revocations, 'isRevoked' | 'onChange'>
  readonly users: Pick<Access['users'], 'isDisabled'>
}

interface Watch {
  readonly claims: Claims
  readonly ended: (reason: WatchEnd) => void
}

const LOOK_MS = 250

export function createTokenWatches({ clock, revocations, users }: TokenWatchesDeps): TokenWatches {
  const watches = new Set<Watch>()
  let stopLooking = (): void => {}

  const endOf = (claims: Claims): WatchEnd | undefined => {
    if (revocations.isRevoked(claims)) return 'revoked'
    // The id of a user, as this service wrote it.
    if (users.isDisabled(claims.user_id as UserId)) return 'disabled'
    return claims.exp * 1000 <= clock.now() ? 'expired' : undefined
  }

  const look = (): void => {
    for (const watch of watches) {
      const reason = endOf(watch.claims)
      if (reason === undefined) continue
      watches.delete(watch)
      watch.ended(reason)
    }
  }

  return Object.freeze({
    watch(claims: Claims, ended: (reason: WatchEnd) => void) {
      const watch = { claims, ended }
      watches.add(watch)
      return () => void watches.delete(watch)
    },
    start() {
      const stopListening = revocations.onChange(look)
      const stopTimer = clock.every(LOOK_MS, look)
      stopLooking = () => {
        stopListening()
        stopTimer()
      }
    },
    stop: () => stopLooking(),
  })
}
