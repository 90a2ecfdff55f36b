// One session in the store: read through what this node remembers, and written only by compare-and-set, so that no
// writer undoes another's change. A store that does not answer throws; nothing here turns that into "no session".

import type { Clock } from '#kernel'
import type { KeyValueStore, Sealer } from '#storage'
import { withoutConnections } from './connected-accounts.ts'
import { sessionErrors } from './errors.ts'
import type { ActiveSession, SessionEnd } from './session.ts'
import type { HeldSession, SessionCache } from './session-cache.ts'
import type { SessionEndings } from './session-endings.ts'
import type { SessionJournal } from './session-journal.ts'
import { openSession, sealSession, sessionKey } from './session-record.ts'
import type { SessionToken } from './session-token.ts'
import { timeLeftMs } from './time-left.ts'
import type { Tombstones } from './tombstones.ts'
import type { VouchedSessions } from './vouched-sessions.ts'

/** What a read found. An end without a reason: nobody here knows of such a session. */
export type Reading =
  | { readonly kind: 'live'; readonly held: HeldSession }
  | { readonly kind: 'ended'; readonly reason: SessionEnd | undefined }

export interface SessionStore {
  /** What this node remembers, while that can be believed. */
  remembered(cookieValue: string): HeldSession | undefined
  /** From the stores; remembered from then on. */
  read(token: SessionToken): Promise<Reading>
  /** Keeps a session that is new. */
  create(token: SessionToken, session: ActiveSession): Promise<HeldSession>
  /**
   * Applies `change` to the newest state until it is stored; returning its argument means that nothing is to change.
   * @returns undefined if the session has ended.
   */
  update(held: HeldSession, change: (session: ActiveSession) => ActiveSession): Promise<HeldSession | undefined>
}

export interface SessionStoreDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly sealer: Sealer
  readonly cache: SessionCache
  readonly tombstones: Tombstones
  readonly vouched: VouchedSessions
  readonly endings: SessionEndings
  readonly journal: SessionJournal
}

export function createSessionStore(deps: SessionStoreDeps): SessionStore {
  const { clock, keyValue, sealer, cache, tombstones, vouched, endings, journal } = deps

  /** Which of these the database says have ended. The end of a connection takes no value away: of these it is always asked. */
  const findEnded = async (ref: string, connections: readonly string[]) => {
    if (connections.length === 0 && vouched.has(ref)) return noneEnded
    const vouch = vouched.beginCheck(ref)
    const ended = await tombstones.among([ref, ...connections])
    if (!ended.has(ref)) vouch()
    return ended
  }

  const judge = async (token: SessionToken, stored: string | undefined): Promise<Reading> => {
    if (stored === undefined) {
      vouched.drop(token.ref)
      return unknownSession
    }
    const opened = openSession(sealer, token, stored)
    if (opened === undefined) {
      journal.violation('session_value_corrupt', token.ref)
      return unknownSession
    }
    const connections = (opened.row.connected ?? []).map(({ id }) => id)
    const ended = await findEnded(token.ref, connections)
    const reason = ended.get(token.ref)
    if (reason !== undefined) {
      await endings.bury(token.ref, reason)
      return { kind: 'ended', reason }
    }
    const session = withoutConnections(opened, (id) => ended.has(id))
    const held = { token, stored, session }
    if (timeLeftMs(session.row, clock.now()) > 0) return { kind: 'live', held }
    await endings.expire(held)
    return { kind: 'ended', reason: 'expired' }
  }

  const read = async (token: SessionToken): Promise<Reading> => {
    const finish = cache.beginRead(token.ref)
    let found: HeldSession | undefined
    try {
      const reading = await judge(token, await keyValue.get(sessionKey(token.ref)))
      if (reading.kind === 'live') found = reading.held
      return reading
    } finally {
      finish(found)
    }
  }

  const put = async (token: SessionToken, session: ActiveSession, over: HeldSession | undefined) => {
    const stored = sealSession(sealer, token, session)
    const onlyIf = over === undefined ? 'absent' : { equals: over.stored }
    const ttlMs = timeLeftMs(session.row, clock.now())
    const written = ttlMs > 0 && (await keyValue.set(sessionKey(token.ref), stored, { ttlMs, onlyIf }))
    // What is remembered is old now; the next request reads, and so meets whatever came after this write.
    cache.drop(token.ref)
    return written ? { token, stored, session } : undefined
  }

  return Object.freeze({
    read,
    remembered(cookieValue: string) {
      const held = keyValue.changes.isFresh() ? cache.find(cookieValue) : undefined
      // Another node may have moved the idle end: only the store says that a session is over.
      return held !== undefined && timeLeftMs(held.session.row, clock.now()) > 0 ? held : undefined
    },
    async create(token: SessionToken, session: ActiveSession) {
      const held = await put(token, session, undefined)
      if (held === undefined) throw new Error('the id of a new session is taken')
      return held
    },
    async update(held: HeldSession, change: (session: ActiveSession) => ActiveSession) {
      let base = held
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const changed = change(base.session)
        if (changed === base.session) return base
        const written = await put(base.token, changed, base)
        if (written !== undefined) return written
        const reading = await read(base.token)
        if (reading.kind === 'ended') return undefined
        base = reading.held
      }
      throw sessionErrors.contended({})
    },
  })
}

const noneEnded: ReadonlyMap<string, SessionEnd> = new Map()

const unknownSession: Reading = Object.freeze({ kind: 'ended', reason: undefined })

/** Each loss means that somebody else has written, so this many in a row mean that something is wrong. */
const maxAttempts = 100
