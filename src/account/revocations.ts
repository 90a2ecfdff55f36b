// What this node knows to be revoked: all of it in memory, because every request asks. True again within a second of any
// change: the node that made it says so through the key-value store, and every node looks twice a second in the database.

import type { Clock } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { Logger } from '#telemetry'
import type { Claims } from './claims.ts'
import type { Revocation, RevocationStore } from './store.ts'

export interface Revocations {
  /**
   * Before anything is decided: what is known is no older than a second, or is read now. Undefined if there is nothing to
   * wait for. @throws if the database does not answer: then nobody knows what is revoked
   */
  settled(): Promise<void> | undefined
  isRevoked(claims: Claims): boolean
  /** When all of the person's were revoked last, as of now, for a token that is issued; 0 if never. @throws as `settled` */
  lastOf(userId: string): Promise<number>
  /** Revokes it and, if it is the first of its chain, all that came of it. Resolves when it is kept. */
  revokeToken(jti: string): Promise<void>
  /** All that the person has had until now. */
  revokeAllOf(userId: string): Promise<void>
  /** Calls back after each change, whoever made it. */
  onChange(listener: () => void): () => void
  /** Reads all there is. @throws if the database does not answer */
  start(): Promise<void>
  stop(): void
  /** Drops what nothing needs any more. */
  sweep(): Promise<void>
}

export interface RevocationsDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly store: RevocationStore
  readonly keyValue: Pick<KeyValueStore, 'set' | 'changes'>
  /** The longest that a token can be good for, in ms. */
  readonly longestMs: number
}

/** How often to look, in ms. */
export const revocationPollMs = 500

/** So old may be what is known. */
const FRESH_MS = 1_000

/** Clocks of nodes may differ by a minute, and an answer may take a while. */
const WINDOW_MS = 70_000

const SIGNAL_PREFIX = 'account:revoked:'
const SIGNAL_TTL_MS = 60_000

export function createRevocations({ clock, log, store, keyValue, longestMs }: RevocationsDeps): Revocations {
  const tokens = new Map<string, Revocation>()
  const people = new Map<string, Revocation>()
  const listeners = new Set<() => void>()
  let answeredFor = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  let isFailing = false
  let stopLooking = (): void => {}

  const takeUp = (revocation: Revocation): boolean => {
    const known = revocation.kind === 'person' ? people : tokens
    if ((known.get(revocation.subject)?.revokedAt ?? -1) >= revocation.revokedAt) return false
    known.set(revocation.subject, revocation)
    return true
  }

  const look = async (): Promise<void> => {
    const now = clock.now()
    const startedAt = clock.monotonicMs()
    // Also what was written while the database did not answer.
    const found = await store.since(Math.min(now, answeredFor) - WINDOW_MS)
    answeredFor = now
    lookedAt = startedAt
    if (found.map(takeUp).includes(true)) for (const listener of listeners) listener()
  }

  const poll = async (): Promise<void> => {
    try {
      await look()
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ event: 'revocations_unread', err: error }, 'revoked tokens cannot be looked up')
      isFailing = true
    }
  }

  /** A look that is under way may have been begun too early. */
  const lastOf = async (userId: string): Promise<number> => {
    await look()
    return people.get(userId)?.revokedAt ?? 0
  }

  const revoke = async (kind: Revocation['kind'], subject: string): Promise<void> => {
    // Later than the one before, whatever the clock of the node that wrote that.
    const before = kind === 'person' ? await lastOf(subject) : 0
    const now = clock.now()
    const revokedAt = Math.max(now, before + 1)
    const revocation = { kind, subject, revokedAt, keepUntil: revokedAt + longestMs + WINDOW_MS }
    await store.add(revocation)
    if (takeUp(revocation)) for (const listener of listeners) listener()
    // The value says nothing; they read the table. Whoever does not hear it finds out by looking.
    await keyValue.set(`${SIGNAL_PREFIX}changed`, String(now), { ttlMs: SIGNAL_TTL_MS }).catch(() => false)
  }

  /** All requests that find it stale wait for the same answer. */
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  return Object.freeze({
    settled: () => (clock.monotonicMs() - lookedAt <= FRESH_MS ? undefined : lookOnce()),
    isRevoked: ({ jti, origin_jti, user_id, knows_revoked }: Claims) =>
      tokens.has(jti) || tokens.has(origin_jti) || knows_revoked < (people.get(user_id)?.revokedAt ?? 0),
    lastOf,
    revokeToken: (jti: string) => revoke('token', jti),
    revokeAllOf: (userId: string) => revoke('person', userId),
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async start() {
      const stopListening = keyValue.changes.subscribe(SIGNAL_PREFIX, () => void poll())
      const stopPolling = clock.every(revocationPollMs, () => void poll())
      stopLooking = () => {
        stopListening()
        stopPolling()
      }
      await look()
    },
    stop: () => stopLooking(),
    async sweep() {
      const now = clock.now()
      for (const known of [tokens, people]) {
        for (const [subject, { keepUntil }] of known) if (keepUntil < now) known.delete(subject)
      }
      await store.sweep(now)
    },
  })
}
