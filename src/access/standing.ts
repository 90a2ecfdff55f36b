// What this node knows about people beside their sessions: who is kept out, who waits for approval, who administers, who
// is in which group of Gatehouse's own. Kept in memory, because every request asks; true again within a second of any
// change: the node that made it says so through the key-value store, and every node looks twice a second in the database.

import type { UserId } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { Logger } from '#telemetry'
import type { Approval } from './access.ts'
import type { StandingStore } from './standing-store.ts'

/** One picture, which never changes; a change of any of it makes another. */
export interface Standing {
  /** Another text after each change. */
  readonly version: string
  readonly disabled: ReadonlySet<string>
  /** Whoever waits or was refused, and whoever was approved while sessions from before may still live. */
  readonly approvals: ReadonlyMap<string, Approval>
  readonly admins: ReadonlySet<string>
  /** By user, with their prefix: `local:NAME`. */
  readonly localGroups: ReadonlyMap<string, readonly string[]>
}

export interface Standings {
  readonly current: () => Standing
  /** Reads all of it; resolves when the picture is no older than the call. */
  reload(): Promise<void>
  /** After a change of ours was committed: takes it up, and tells the other nodes. */
  announce(): Promise<void>
  /** Looks whether anything has changed. A database that does not answer is logged once, and asked again. */
  poll(): Promise<void>
  /** Hears of changes by other nodes and by the command line until the returned function is called. */
  listen(): () => void
}

export interface StandingsDeps {
  readonly store: StandingStore
  readonly keyValue: Pick<KeyValueStore, 'set' | 'changes'>
  readonly log: Logger
  /** Told, on every node, of everybody who is in fewer groups of Gatehouse's own than before. */
  readonly onGroupsLost: (userId: UserId) => void
}

/** How often every node looks for changes, in ms. */
export const standingPollMs = 500

const SIGNAL_PREFIX = 'access:people:'
const SIGNAL_TTL_MS = 60_000

/** Before anything was read. */
export const NOBODY: Standing = Object.freeze({
  version: '',
  disabled: new Set<string>(),
  approvals: new Map<string, Approval>(),
  admins: new Set<string>(),
  localGroups: new Map<string, readonly string[]>(),
})

export function createStandings({ store, keyValue, log, onGroupsLost }: StandingsDeps): Standings {
  let standing = NOBODY
  let asked = 0
  let shown = 0
  let isFailing = false

  const reload = async (): Promise<void> => {
    asked += 1
    const turn = asked
    const read = await store.read()
    // One that began later has seen at least as much.
    if (turn < shown) return
    shown = turn
    const before = standing
    standing = read
    for (const id of whoLostGroups(before, read)) onGroupsLost(id)
  }

  const poll = async (): Promise<void> => {
    try {
      if ((await store.version()) !== standing.version) await reload()
      isFailing = false
    } catch (error) {
      if (!isFailing) {
        log.warn({ event: 'people_unread', err: error }, 'changes of accounts, groups and roles cannot be looked up')
      }
      isFailing = true
    }
  }

  return Object.freeze({
    current: () => standing,
    reload,
    poll,
    async announce() {
      await reload()
      // The value says nothing; they read the tables. Whoever does not hear it finds out by looking.
      await keyValue.set(`${SIGNAL_PREFIX}changed`, standing.version, { ttlMs: SIGNAL_TTL_MS }).catch(() => false)
    },
    listen: () => keyValue.changes.subscribe(SIGNAL_PREFIX, () => void poll()),
  })
}

const whoLostGroups = (before: Standing, after: Standing): readonly UserId[] =>
  [...before.localGroups]
    .filter(([id, groups]) => groups.some((group) => after.localGroups.get(id)?.includes(group) !== true))
    .map(([id]) => id as UserId)
