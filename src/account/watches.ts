// What a request with a token has opened and left open ends with the token: revoked, expired, or its person disabled; and
// when the person is taken out of one of Gatehouse's own groups.

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
  readonly users: Pick<Access['users'], 'isDisabled' | 'localGroupsOf'>
}

interface Watch {
  readonly claims: Claims
  readonly userId: UserId
  /** Those of Gatehouse's own that the person was in then. */
  readonly localGroups: readonly string[]
  readonly ended: (reason: WatchEnd) => void
}

const LOOK_MS = 250

export function createTokenWatches({ clock, revocations, users }: TokenWatchesDeps): TokenWatches {
  const watches = new Set<Watch>()
  let stopLooking = (): void => {}

  const endOf = ({ claims, userId, localGroups }: Watch): WatchEnd | undefined => {
    if (revocations.isRevoked(claims)) return 'revoked'
    if (users.isDisabled(userId)) return 'disabled'
    if (claims.exp * 1000 <= clock.now()) return 'expired'
    const present = users.localGroupsOf(userId)
    return localGroups.every((group) => present.includes(group)) ? undefined : 'groups-lost'
  }

  const look = (): void => {
    for (const watch of watches) {
      const reason = endOf(watch)
      if (reason === undefined) continue
      watches.delete(watch)
      watch.ended(reason)
    }
  }

  return Object.freeze({
    watch(claims: Claims, ended: (reason: WatchEnd) => void) {
      // The id of a user, as this service wrote it.
      const userId = claims.user_id as UserId
      const watch = { claims, userId, localGroups: users.localGroupsOf(userId), ended }
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
