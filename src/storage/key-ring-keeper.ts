// Loads the key ring, keeps to its file, and sees to it that nodes can open each other's values.
//
// Each running node says in the key-value store, by keyed fingerprints, which keys it opens with and which one it seals
// with. The rules, which allow a rotation in any order while all nodes run:
//   a node seals with the newest of its keys that every other running node has too;
//   it starts, or takes up a changed file, only if it has the key that each of them seals with.
// It says what it will do, looks again, and only then does it: of two nodes that disagree, at least one sees the other.

import { randomToken } from '#kernel'
import type { Logger } from '#telemetry'
import type { KeyRing, RingKey } from './key-ring.ts'
import type { KeyValueStore } from './key-value.ts'
import { deriveKey } from './seal.ts'

export interface KeyRingKeeper {
  readonly keyRing: KeyRing
  /** @throws if the ring cannot be read, is weak, or does not go with that of a running node. */
  start(): Promise<void>
  /** Reads the file again and renews what was said. Called each `keyRingRefreshMs`. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

export interface KeyRingKeeperDeps {
  readonly log: Logger
  readonly keyValue: KeyValueStore
  /** The keys as they are now: usually `readKeyRing(path)`. */
  readonly load: () => { readonly keys: readonly RingKey[]; readonly exposed: boolean }
}

/** What one node says: fingerprints of the keys it opens with, the sealing one first. */
interface Announcement {
  readonly node: string
  readonly opens: readonly string[]
}

export const keyRingRefreshMs = 15_000
const announcedMs = 4 * keyRingRefreshMs
const nodesKey = 'keyring:nodes'

export function createKeyRingKeeper({ log, keyValue, load }: KeyRingKeeperDeps): KeyRingKeeper {
  const node = randomToken(9)
  let ring: readonly RingKey[] = []
  let keys: readonly RingKey[] = []
  let announced: string | undefined

  const announce = async (opens: readonly RingKey[]): Promise<void> => {
    const member = JSON.stringify({ node, opens: opens.map(fingerprint) } satisfies Announcement)
    await keyValue.addMember(nodesKey, member, { ttlMs: announcedMs })
    if (announced !== undefined && announced !== member) await keyValue.removeMember(nodesKey, announced)
    announced = member
  }

  const withdraw = async (): Promise<void> => {
    if (announced !== undefined) await keyValue.removeMember(nodesKey, announced)
    announced = undefined
  }

  const others = async (): Promise<readonly Announcement[]> =>
    (await keyValue.members(nodesKey)).flatMap(parseAnnouncement).filter((other) => other.node !== node)

  /** Says what it means to do and looks again, as the header tells. @returns false if it does not go with the others. */
  const agreeOn = async (candidates: readonly RingKey[]): Promise<boolean> => {
    let order = arrange(candidates, await others())
    for (let attempts = 0; order !== undefined && attempts < 3; attempts += 1) {
      await announce(order)
      const checked = arrange(candidates, await others())
      if (checked !== undefined && checked[0] === order[0]) {
        ring = candidates
        keys = order
        return true
      }
      order = checked
    }
    return false
  }

  return Object.freeze({
    keyRing: Object.freeze({
      get keys() {
        return keys
      },
    }),
    async start() {
      const loaded = load()
      if (loaded.exposed) {
        log.warn({ event: 'key_ring_exposed' }, 'the key ring can be read by other users of this machine: chmod 600')
      }
      if (await agreeOn(loaded.keys)) return
      await withdraw()
      throw new Error(
        'the key ring does not go with that of a node that runs (or stopped less than a minute ago): ' +
          'give all nodes the same file, or stop all of them before replacing every key',
      )
    },
    async refresh() {
      if (await agreeOn(reload(load, ring, log))) return
      log.error({ event: 'key_ring_differs' }, 'the key ring differs from other nodes; the keys in use are kept')
      if (!(await agreeOn(ring))) await announce(keys)
    },
    stop: withdraw,
  })
}

/** The ring with its sealing key first, or undefined if it does not go with the others. */
function arrange(keys: readonly RingKey[], others: readonly Announcement[]): readonly RingKey[] | undefined {
  const own = new Set(keys.map(fingerprint))
  if (others.some(({ opens }) => !own.has(opens[0] ?? ''))) return undefined
  const sealing = keys.find((key) => others.every(({ opens }) => opens.includes(fingerprint(key))))
  return sealing && [sealing, ...keys.filter((key) => key !== sealing)]
}

/** Keeps the objects of keys that stay, so that what is derived from them stays cached. */
function reload(load: KeyRingKeeperDeps['load'], present: readonly RingKey[], log: Logger): readonly RingKey[] {
  try {
    return load().keys.map((key) => present.find((known) => fingerprint(known) === fingerprint(key)) ?? key)
  } catch (error) {
    log.error(
      { event: 'key_ring_unreadable', err: error },
      'the key ring cannot be read again; the keys in use are kept',
    )
    return present
  }
}

/** Depends on the key's id and bytes, and tells nothing about them. */
const fingerprint = (key: RingKey): string => deriveKey(key, `fingerprint ${key.id}`, 12).toString('base64url')

function parseAnnouncement(member: string): readonly Announcement[] {
  try {
    const said = JSON.parse(member) as Partial<Announcement> | null
    return typeof said?.node === 'string' && typeof said.opens?.[0] === 'string' ? [said as Announcement] : []
  } catch {
    return []
  }
}
