// Which sessions a user has, and which a provider's session or person has: sets of members that expire by themselves.
// What comes from outside enters a key's name only as a hash, so no id can address another's set.

import { hash } from 'node:crypto'
import type { KeyValueStore } from '#storage'
import type { SessionRow } from './session.ts'
import type { ProviderSession } from './sessions.ts'

export interface IndexedSession {
  readonly ref: string
  readonly createdAt: number
}

export interface SessionIndex {
  /** Enters a session under all its names until its absolute end. */
  add(row: SessionRow, ttlMs: number): Promise<void>
  remove(row: SessionRow): Promise<void>
  /** Takes one entry out of one set, where no row says which others there are. */
  removeFrom(set: string, session: IndexedSession): Promise<void>
  in(set: string): Promise<readonly IndexedSession[]>
}

export const userSet = (userId: string): string => setName('user', [userId])

export const providerSet = (session: ProviderSession): string =>
  'sid' in session
    ? setName('sid', [session.issuer, session.sid])
    : setName('subject', [session.issuer, session.subject])

export function createSessionIndex(keyValue: KeyValueStore): SessionIndex {
  return Object.freeze({
    async add(row: SessionRow, ttlMs: number) {
      await Promise.all(setsOf(row).map((set) => keyValue.addMember(set, toMember(row), { ttlMs })))
    },
    async remove(row: SessionRow) {
      await Promise.all(setsOf(row).map((set) => keyValue.removeMember(set, toMember(row))))
    },
    removeFrom: (set: string, session: IndexedSession) => keyValue.removeMember(set, toMember(session)),
    async in(set: string) {
      return (await keyValue.members(set)).map(fromMember)
    },
  })
}

const setName = (kind: string, parts: readonly string[]): string =>
  `websession-index:${kind}:${hash('sha256', JSON.stringify(parts), 'hex')}`

const setsOf = ({ userId, issuer, subject, sid }: SessionRow): readonly string[] => [
  userSet(userId),
  providerSet({ issuer, subject }),
  ...(sid === undefined ? [] : [providerSet({ issuer, sid })]),
]

// The time of creation rides along, because an entry comes before its session: a young one is not dead yet.
const toMember = ({ ref, createdAt }: IndexedSession): string => `${ref}.${createdAt}`

function fromMember(member: string): IndexedSession {
  const [ref = '', createdAt = ''] = member.split('.')
  return { ref, createdAt: Number(createdAt) }
}
