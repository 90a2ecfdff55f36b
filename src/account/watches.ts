// What a request with a token has opened and left open ends with the token: when it is revoked, has expired, or would be
// refused now; and when its person is in a group no more that they were in then.

import { type Access, createTokenWatches, type WatchedToken } from '#access'
import { type Clock, GatewayError } from '#kernel'
import type { WatchEnd } from '#sessions'
import type { Logger } from '#telemetry'
import type { Revocations } from './revocations.ts'
import type { AccountTokens, IdentifiedToken } from './service.ts'

export interface AccountWatches {
  /** Calls back once when it must end. @returns a function that ends the watch */
  watch(token: IdentifiedToken, ended: (reason: WatchEnd) => void): () => void
  start(): void
  stop(): void
  /** Another one follows from now on what this one has and what is still opened here; without one, nothing of it goes on. */
  handOver(next: Pick<AccountWatches, 'adopt'> | undefined): void
  adopt(watched: readonly WatchedToken<IdentifiedToken>[]): void
}

export interface AccountWatchesDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly tokens: Pick<AccountTokens, 'identify'>
  readonly revocations: Pick<Revocations, 'isRevoked' | 'onChange'>
  readonly access: {
    readonly users: Pick<Access['users'], 'isDisabled'>
    readonly principalOf: Access['principalOf']
  }
}

/** How often to look at what is known, in ms. */
const LOOK_MS = 250
/** How often to read: groups change at logins and refreshes. */
const READ_MS = 60_000
const RETRY_MS = 1000

export function createAccountWatches({ clock, log, tokens, revocations, access }: AccountWatchesDeps): AccountWatches {
  let readAtMs = clock.monotonicMs()
  let stopLooking = (): void => {}
  let successor: { readonly next: Pick<AccountWatches, 'adopt'> | undefined } | undefined

  const identify = async ({ text }: IdentifiedToken): Promise<IdentifiedToken | undefined> => {
    try {
      return await tokens.identify(text)
    } catch (error) {
      if (error instanceof GatewayError && (error.status === 401 || error.status === 403)) return undefined
      throw error
    }
  }

  const watches = createTokenWatches<IdentifiedToken>({
    log,
    idOf: ({ claims }) => claims.jti,
    read: async (known) => (await Promise.all(known.map(identify))).filter((token) => token !== undefined),
    endOf: ({ claims, user }) => {
      if (revocations.isRevoked(claims)) return 'revoked'
      if (access.users.isDisabled(user.id)) return 'disabled'
      return claims.exp * 1000 <= clock.now() ? 'expired' : undefined
    },
    rightsOf: ({ user }) => access.principalOf(user).groups,
  })

  /** What cannot be read now is read with all others a second later. */
  const readAgain = (those?: readonly WatchedToken<IdentifiedToken>[]): void => {
    watches.readAgain(those).then(watches.look, () => {
      readAtMs = clock.monotonicMs() - READ_MS + RETRY_MS
    })
  }

  const look = (): void => {
    if (clock.monotonicMs() - readAtMs >= READ_MS) {
      readAtMs = clock.monotonicMs()
      readAgain()
    }
    watches.look()
  }

  const handOver = (next: Pick<AccountWatches, 'adopt'> | undefined): void => {
    successor = { next }
    if (next === undefined) watches.endAll('revoked')
    else next.adopt(watches.release())
  }

  return Object.freeze({
    watch(token: IdentifiedToken, ended: (reason: WatchEnd) => void) {
      const one = watches.watch(token, ended)
      // A request of before a reload may get here after it. Whoever calls must know the watch before it ends.
      queueMicrotask(() => successor && handOver(successor.next))
      return () => {
        one.isOver = true
      }
    },
    start() {
      const stopListening = revocations.onChange(look)
      const stopTimer = clock.every(LOOK_MS, look)
      stopLooking = () => {
        stopListening()
        stopTimer()
      }
    },
    stop() {
      stopLooking()
      watches.release()
    },
    handOver,
    adopt(watched: readonly WatchedToken<IdentifiedToken>[]) {
      watches.adopt(watched)
      // Keys, audience, or who may have tokens: they may be others here.
      readAgain(watched)
    },
  })
}
