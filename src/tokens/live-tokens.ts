// The tokens that this node knows to be good, by the hash of their secrets. Believed only while the database has been
// asked within the last second whether anything has changed: every node asks more than twice a second, and at once when
// another one says so.

import type { Clock } from '#kernel'
import type { WatchEnd } from '#sessions'
import type { KeyValueStore } from '#storage'
import type { Logger } from '#telemetry'
import { hasExpired, type LiveToken, type TokenReader } from './token-reader.ts'
import type { TokenStore } from './token-store.ts'
import type { LiveTokenWatches, WatchedLiveToken } from './token-watches.ts'

export interface LiveTokens {
  /** From memory; undefined if this node does not know it, or must ask. */
  remembered(hash: string): LiveToken | undefined
  /** Undefined if it is good no more. */
  find(hash: string): Promise<LiveToken | undefined>
  /** Calls back once, within a second, when it is good no more. @returns a function that ends the watch */
  watch(live: LiveToken, ended: (reason: WatchEnd) => void): () => void
  /** After a change of ours was committed: nothing of before is believed here, and the other nodes are told. */
  announce(): Promise<void>
  /** Asks whether anything has changed, and looks at what is open. Never rejects. */
  poll(): Promise<void>
  start(): void
  stop(): void
  /** Another one follows from now on what this one has. */
  handOver(next: Pick<LiveTokens, 'adopt'>): void
  adopt(watched: readonly WatchedLiveToken[]): void
}

export interface LiveTokensDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly reader: Pick<TokenReader, 'byHash'>
  readonly watches: LiveTokenWatches
  /** The mark that changes with each change. */
  readonly version: TokenStore['version']
  readonly keyValue: Pick<KeyValueStore, 'set' | 'changes'>
}

/** How often every node asks for changes, in ms. */
export const tokenPollMs = 400
/** An answer of the database is believed for so long. */
const FRESH_MS = 1000
/** Whom a token stands for is read again then: groups change at logins and refreshes. */
const MAX_AGE_MS = 60_000
const MAX_ENTRIES = 20_000
const SIGNAL_PREFIX = 'tokens:'

interface Entry {
  readonly live: LiveToken
  readonly readAtMs: number
}

export function createLiveTokens({ clock, log, reader, watches, version, keyValue }: LiveTokensDeps): LiveTokens {
  const entries = new Map<string, Entry>()
  /** Counts what may have overtaken a read that is under way. */
  let generation = 0
  const readIn = new WeakMap<LiveToken, number>()
  let seenVersion: string | undefined
  let askedAtMs = Number.NEGATIVE_INFINITY
  let watchesReadAtMs = clock.monotonicMs()
  let asking: Promise<void> | undefined
  let again = false
  let isFailing = false
  let stopFollowing = (): void => {}

  const isFresh = (): boolean => clock.monotonicMs() - askedAtMs < FRESH_MS

  const forget = (): void => {
    generation += 1
    entries.clear()
  }

  const remember = (hash: string, live: LiveToken, readAtMs: number): void => {
    entries.delete(hash)
    entries.set(hash, { live, readAtMs })
    const [oldest] = entries.keys()
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
  }

  const ask = async (): Promise<void> => {
    const startedMs = clock.monotonicMs()
    const present = await version()
    const hasChanged = present !== seenVersion
    seenVersion = present
    if (hasChanged) forget()
    if (hasChanged || startedMs - watchesReadAtMs >= MAX_AGE_MS) {
      await watches.readAgain()
      watchesReadAtMs = startedMs
    }
    askedAtMs = startedMs
    isFailing = false
  }

  const askUntilQuiet = async (): Promise<void> => {
    do {
      again = false
      await ask().catch((error: unknown) => {
        // What was not read is read the next time, whatever the mark says then.
        seenVersion = undefined
        if (!isFailing)
          log.warn({ event: 'token_changes_unheard', err: error }, 'changes of tokens cannot be looked up')
        isFailing = true
      })
      watches.look()
    } while (again)
    asking = undefined
  }

  const poll = (): Promise<void> => {
    // What is under way may have been asked before the change.
    if (asking === undefined) asking = askUntilQuiet()
    else again = true
    return asking
  }

  /** Something may have happened to these unheard. What cannot be read now is read with all others as soon as it can be. */
  const readAgain = (those: readonly WatchedLiveToken[]): void => {
    watches.readAgain(those).catch(() => {
      seenVersion = undefined
      void poll()
    })
  }

  return Object.freeze({
    poll,

    remembered(hash: string) {
      const entry = entries.get(hash)
      if (entry === undefined || !isFresh() || clock.monotonicMs() - entry.readAtMs >= MAX_AGE_MS) return undefined
      return hasExpired(entry.live.token, clock.now()) ? undefined : entry.live
    },

    async find(hash: string) {
      const [begunIn, readAtMs] = [generation, clock.monotonicMs()]
      const live = await reader.byHash(hash)
      if (live === undefined) return undefined
      readIn.set(live, begunIn)
      if (begunIn === generation) remember(hash, live, readAtMs)
      return live
    },

    watch(live: LiveToken, ended: (reason: WatchEnd) => void) {
      const one = watches.watch(live, ended)
      // It may have been revoked since its request was let in.
      if (!isFresh() || readIn.get(live) !== generation) readAgain([one])
      return () => {
        one.isOver = true
      }
    },

    async announce() {
      forget()
      await poll()
      // The value says nothing; they ask the database. Whoever does not hear it asks soon.
      await keyValue.set(`${SIGNAL_PREFIX}changed`, String(seenVersion), { ttlMs: 60_000 }).catch(() => false)
    },

    start() {
      const stopPolling = clock.every(tokenPollMs, () => void poll())
      const unsubscribe = keyValue.changes.subscribe(SIGNAL_PREFIX, () => void poll())
      stopFollowing = () => {
        stopPolling()
        unsubscribe()
      }
    },

    stop() {
      stopFollowing()
      forget()
      watches.release()
    },

    handOver(next: Pick<LiveTokens, 'adopt'>) {
      next.adopt(watches.release())
    },
    adopt(watched: readonly WatchedLiveToken[]) {
      watches.adopt(watched)
      // What this one had seen before it began, the other one may not have heard of yet.
      readAgain(watched)
    },
  })
}
