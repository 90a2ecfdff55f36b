// Which sessions a user has, and which a provider's session or person has, by login or by a connected account: sets of
// members that expire by themselves. What comes from outside enters a key's name only as a hash, so no id can address
// another's set.

import { hash } from 'node:crypto'
import type { KeyValueStore } from '#storage'
import type { ConnectedAccount, SessionRow } from './session.ts'
import type { ProviderSession } from './sessions.ts'

export interface IndexedSession {
  readonly ref: string
  readonly createdAt: number
}

export interface IndexedConnection extends IndexedSession {
  /** The id of the connected account. */
  readonly connection: string
}

/** By login, or by connected account. */
export type How = 'login' | 'connected'

/** What a provider proved, and when on its own clock, ms since the epoch; absent if it did not say. */
export type Proven = Pick<ConnectedAccount, 'issuer' | 'subject' | 'sid'> & { readonly provenAt?: number }

export interface SessionIndex {
  /** Enters a session under all its names until its absolute end. */
  add(row: SessionRow, ttlMs: number): Promise<void>
  /** Takes it out of all, connected accounts included. */
  remove(row: SessionRow): Promise<void>
  /** The same for one connected account of a session. */
  addConnection(row: SessionRow, account: ConnectedAccount, ttlMs: number): Promise<void>
  removeConnection(row: SessionRow, account: ConnectedAccount): Promise<void>
  /** Takes one entry out of a user's set, where no row says which others there are. */
  removeOf(userId: string, session: IndexedSession): Promise<void>
  /** In no order, like all that follow. */
  of(userId: string): Promise<readonly IndexedSession[]>
  /** Sessions that began with a login there. */
  at(provider: ProviderSession): Promise<readonly IndexedSession[]>
  /** Accounts there that sessions of other logins are connected to. */
  connectionsAt(provider: ProviderSession): Promise<readonly IndexedConnection[]>
  /** Writes down that what this names is over, before anyone looks for it; for logins that are on their way. */
  noteEnd(how: How, provider: ProviderSession): Promise<void>
  /** Whether an end was written down that a login or an account proven before it must heed. Asked once it is entered. */
  hasEnded(how: How, proven: Proven): Promise<boolean>
}

export function createSessionIndex(keyValue: KeyValueStore): SessionIndex {
  const addTo = async (sets: readonly string[], member: string, ttlMs: number): Promise<void> =>
    void (await Promise.all(sets.map((set) => keyValue.addMember(set, member, { ttlMs }))))
  const removeFrom = async (sets: readonly string[], member: string): Promise<void> =>
    void (await Promise.all(sets.map((set) => keyValue.removeMember(set, member))))
  const membersOf = async (sets: readonly string[]): Promise<readonly string[]> => [
    ...new Set((await Promise.all(sets.map((set) => keyValue.members(set)))).flat()),
  ]
  const removeConnection = (row: SessionRow, account: ConnectedAccount): Promise<void> =>
    removeFrom(setsOf('connected', account), toMember(row, account.id))

  return Object.freeze({
    add: (row: SessionRow, ttlMs: number) =>
      addTo([userSet(row.userId), ...setsOf('login', row)], toMember(row), ttlMs),
    async remove(row: SessionRow) {
      const accounts = (row.connected ?? []).map((account) => removeConnection(row, account))
      await Promise.all([removeFrom([userSet(row.userId), ...setsOf('login', row)], toMember(row)), ...accounts])
    },
    addConnection: (row: SessionRow, account: ConnectedAccount, ttlMs: number) =>
      addTo(setsOf('connected', account), toMember(row, account.id), ttlMs),
    removeConnection,
    removeOf: (userId: string, session: IndexedSession) => keyValue.removeMember(userSet(userId), toMember(session)),
    async of(userId: string) {
      return (await membersOf([userSet(userId)])).map(fromMember)
    },
    async at(provider: ProviderSession) {
      return (await membersOf(setsNamedBy('login', provider))).map(fromMember)
    },
    async connectionsAt(provider: ProviderSession) {
      return (await membersOf(setsNamedBy('connected', provider))).map(fromMember)
    },
    async noteEnd(how: How, provider: ProviderSession) {
      const { endedAt } = provider
      if (endedAt === undefined) return
      // Each for itself: one that is told of late must not take the place of a later one.
      await addTo(setsNamedBy(how, provider).map(endOf), String(endedAt), NOTE_MS)
    },
    async hasEnded(how: How, { provenAt = 0, ...account }: Proven) {
      const noted = await membersOf(setsOf(how, account).map(endOf))
      return noted.some((endedAt) => Number(endedAt) >= provenAt)
    },
  })
}

/** A login that was proven before an end is entered within seconds, or never. */
const NOTE_MS = 600_000

const endOf = (set: string): string => `${set}:ends`

const setName = (kind: string, parts: readonly string[]): string =>
  `websession-index:${kind}:${hash('sha256', JSON.stringify(parts), 'hex')}`

export const userSet = (userId: string): string => setName('user', [userId])

/** Where an account is entered. Those that have no session of the provider's to their name stand apart as well. */
const setsOf = (how: How, { issuer, subject, sid }: Pick<ConnectedAccount, 'issuer' | 'subject' | 'sid'>) => [
  setName(`${how}-subject`, [issuer, subject]),
  sid === undefined ? setName(`${how}-without-sid`, [issuer, subject]) : setName(`${how}-sid`, [issuer, sid]),
]

/** Where to look for what a logout names. */
const setsNamedBy = (how: How, { issuer, sid, subject }: ProviderSession): readonly string[] => {
  if (sid === undefined) return subject === undefined ? [] : [setName(`${how}-subject`, [issuer, subject])]
  const apart = subject === undefined ? [] : [setName(`${how}-without-sid`, [issuer, subject])]
  return [setName(`${how}-sid`, [issuer, sid]), ...apart]
}

// The time of creation rides along, because an entry comes before its session: a young one is not dead yet.
const toMember = ({ ref, createdAt }: IndexedSession, connection?: string): string =>
  connection === undefined ? `${ref}.${createdAt}` : `${ref}.${createdAt}.${connection}`

function fromMember(member: string): IndexedConnection {
  const [ref = '', createdAt = '', connection = ''] = member.split('.')
  return { ref, createdAt: Number(createdAt), connection }
}
