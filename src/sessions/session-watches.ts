// What keeps this node's picture true: follows the change feed, looks again at sessions that it remembers or that have
// a tunnel open, and ends the watch of each when the session is over, by whatever cause.

import type { Clock, UserId } from '#kernel'
import type { ChangeFeed } from '#storage'
import type { Background } from './background.ts'
import type { WatchEnd } from './session.ts'
import type { HeldSession, SessionCache } from './session-cache.ts'
import type { SessionEndings } from './session-endings.ts'
import { sessionKeyPrefix } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import type { SessionToken } from './session-token.ts'
import type { SessionUse } from './session-use.ts'
import type { SessionWatch } from './sessions.ts'
import { timeLeftMs } from './time-left.ts'
import type { Tombstones } from './tombstones.ts'

export interface SessionWatches {
  /** Follows the change feed from now on. */
  start(): void
  stop(): void
  /** @param uses the credentials, by provider, that the open thing was signed with */
  watch(held: HeldSession, uses: readonly string[], ended: (reason: WatchEnd) => void): SessionWatch
  /** Ends what the person has open on this node. */
  loseGroups(userId: UserId): void
  /** How many sessions are watched. */
  size(): number
}

export interface WatchesDeps {
  readonly clock: Clock
  readonly changes: ChangeFeed
  readonly cache: SessionCache
  readonly store: SessionStore
  readonly endings: SessionEndings
  readonly tombstones: Tombstones
  readonly use: SessionUse
  readonly background: Background
}

interface Watched {
  held: HeldSession
  readonly listeners: Set<Listener>
  cancelTimer: () => void
}

interface Listener {
  readonly uses: readonly string[]
  readonly ended: (reason: WatchEnd) => void
}

export function createSessionWatches(deps: WatchesDeps): SessionWatches {
  const { clock, changes, cache, store, endings, tombstones, use, background } = deps
  const byRef = new Map<string, Watched>()
  const looking = new Map<string, { again: boolean }>()
  let unfollow = (): void => {}

  const close = (ref: string): Watched | undefined => {
    const watched = byRef.get(ref)
    watched?.cancelTimer()
    byRef.delete(ref)
    return watched
  }

  const update = (ref: string, held: HeldSession): void => {
    const watched = byRef.get(ref)
    if (watched === undefined) return
    watched.cancelTimer()
    watched.held = held
    const delayMs = timeLeftMs(held.session.row, clock.now())
    watched.cancelTimer = clock.after(delayMs, () => look(held.token))
  }

  const tell = (watched: Watched | undefined, reason: WatchEnd): void => {
    for (const listener of watched?.listeners ?? []) background.run('closing what is open', call(listener, reason))
  }

  /** What was signed with a credential that is gone ends; everything else of the session goes on. */
  const tellOfLost = (watched: Watched | undefined, before: HeldSession, after: HeldSession): void => {
    for (const listener of watched?.listeners ?? []) {
      if (!hasLostCredential(listener.uses, before, after)) continue
      watched?.listeners.delete(listener)
      background.run('closing what is open', call(listener, 'disconnected'))
    }
  }

  const lookOnce = async (token: SessionToken): Promise<void> => {
    const reading = await store.read(token)
    if (reading.kind === 'live') {
      // What is open was allowed with the groups of then; it may be opened again with those of now.
      const watched = byRef.get(token.ref)
      if (hasLostGroups(watched?.held, reading.held)) tell(close(token.ref), 'groups-lost')
      else if (watched !== undefined) tellOfLost(watched, watched.held, reading.held)
      return update(token.ref, reading.held)
    }
    const reason = reading.reason ?? (await tombstones.among([token.ref])).get(token.ref) ?? 'expired'
    endings.announce(token.ref, reason)
  }

  const lookUntilQuiet = async (token: SessionToken, state: { again: boolean }): Promise<void> => {
    try {
      do {
        state.again = false
        await lookOnce(token)
      } while (state.again)
    } catch {
      // The store tells of its own troubles; a session that is only remembered is read by its next request.
      const watched = byRef.get(token.ref)
      if (watched !== undefined) retryLater(watched)
    } finally {
      looking.delete(token.ref)
    }
  }

  /** Reads the session again; a change that comes meanwhile makes it read once more. */
  const look = (token: SessionToken): void => {
    const running = looking.get(token.ref)
    if (running !== undefined) {
      running.again = true
      return
    }
    const state = { again: false }
    looking.set(token.ref, state)
    background.run('looking at a session again', lookUntilQuiet(token, state))
  }

  /** While the store is silent nobody can end or extend a session; its absolute end needs no store. */
  const retryLater = (watched: Watched): void => {
    const { token, session } = watched.held
    watched.cancelTimer()
    if (clock.now() >= session.row.endsAt) endings.announce(token.ref, 'expired')
    else watched.cancelTimer = clock.after(retryMs, () => look(token))
  }

  const onChange = (key: string | undefined): void => {
    if (key === undefined) {
      cache.clear()
      for (const { held } of byRef.values()) look(held.token)
      return
    }
    const ref = key.slice(sessionKeyPrefix.length)
    const known = byRef.get(ref)?.held ?? cache.findByRef(ref)
    cache.drop(ref)
    const running = looking.get(ref)
    if (running !== undefined) running.again = true
    else if (known !== undefined) look(known.token)
  }

  endings.onAnnounce((ref, reason) => tell(close(ref), reason))

  return Object.freeze({
    start() {
      unfollow = changes.subscribe(sessionKeyPrefix, onChange)
    },
    stop() {
      unfollow()
      for (const ref of byRef.keys()) close(ref)
    },
    watch(held: HeldSession, uses: readonly string[], ended: (reason: WatchEnd) => void) {
      const { ref } = held.token
      const watched = byRef.get(ref) ?? { held, listeners: new Set(), cancelTimer: () => {} }
      byRef.set(ref, watched)
      const listener: Listener = { uses, ended }
      watched.listeners.add(listener)
      update(ref, watched.held)
      if (hasLostGroups(held, watched.held)) background.run('closing what is open', call(listener, 'groups-lost'))
      tellOfLost(watched, held, watched.held)
      // The session may have ended since its request was let in, unseen if nobody remembered it then.
      if (store.remembered(held.token.value) === undefined) look(held.token)
      return Object.freeze({
        used() {
          const noted = use.note(watched.held)
          if (noted !== undefined)
            void noted.then(
              (written) => written && update(ref, written),
              () => {},
            )
        },
        stop() {
          watched.listeners.delete(listener)
          if (watched.listeners.size === 0 && byRef.get(ref) === watched) close(ref)
        },
      })
    },
    loseGroups(userId: UserId) {
      for (const [ref, { held }] of byRef) if (held.session.row.userId === userId) tell(close(ref), 'groups-lost')
    },
    size: () => byRef.size,
  })
}

function hasLostGroups(before: HeldSession | undefined, after: HeldSession): boolean {
  const { groups } = after.session.row
  return (before?.session.row.groups ?? []).some((group) => !groups.includes(group))
}

const hasLostCredential = (uses: readonly string[], before: HeldSession, after: HeldSession): boolean =>
  uses.some((name) => name in before.session.credentials && !(name in after.session.credentials))

const retryMs = 1000

/** A listener's failure is a rejection, so that it does not keep the others from hearing. */
const call = async ({ ended }: Listener, reason: WatchEnd): Promise<void> => ended(reason)
