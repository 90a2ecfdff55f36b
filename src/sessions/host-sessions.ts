// What the cookie of a host of its own stands for: a pointer to the portal's session. The record holds the portal's
// token, sealed under the secret half of the host's own; it never changes, and is worth nothing once that session is over.

import { z } from 'zod'
import type { AppHost } from '#http'
import type { Clock } from '#kernel'
import type { KeyValueStore, Sealer } from '#storage'
import type { SessionJournal } from './session-journal.ts'
import { createSessionToken, parseSessionToken, type SessionToken } from './session-token.ts'

export interface HostSessions {
  /** @param endsAt the absolute end of the portal's session, ms since the epoch. @returns the host's token */
  create(host: AppHost, owner: SessionToken, endsAt: number): Promise<SessionToken>
  /**
   * The portal's session that a host's cookie stands for; undefined for whatever was not given for this host.
   * Synchronous while what this node remembers can be believed.
   */
  findOwner(host: AppHost, cookieValue: string): SessionToken | undefined | Promise<SessionToken | undefined>
  /** Forgets the record that the cookie names. */
  drop(cookieValue: string): Promise<void>
  /** Follows the change feed from now on. */
  start(): void
  stop(): void
}

export interface HostSessionsDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly sealer: Sealer
  readonly journal: SessionJournal
}

export function createHostSessions({ clock, keyValue, sealer, journal }: HostSessionsDeps): HostSessions {
  const remembered = new Map<string, Pointer>()
  const valueByKey = new Map<string, string>()
  // A read that a change overtook is not remembered: nobody knows which of the two came first.
  let changes = 0
  let unfollow = (): void => {}

  const forget = (key: string): void => {
    remembered.delete(valueByKey.get(key) ?? '')
    valueByKey.delete(key)
  }

  const onChange = (key: string | undefined): void => {
    changes += 1
    if (key === undefined) {
      remembered.clear()
      valueByKey.clear()
    } else forget(key)
  }

  const remember = (token: SessionToken, pointer: Pointer): void => {
    remembered.set(token.value, pointer)
    valueByKey.set(recordKey(token), token.value)
    const [oldest] = valueByKey.keys()
    if (valueByKey.size > maxRemembered && oldest !== undefined) forget(oldest)
  }

  const read = async (token: SessionToken): Promise<Pointer | undefined> => {
    const before = changes
    const stored = await keyValue.get(recordKey(token))
    if (stored === undefined) return undefined
    const pointer = openRecord(sealer, token, stored)
    if (pointer === undefined) journal.violation('session_value_corrupt', token.ref)
    else if (before === changes) remember(token, pointer)
    return pointer
  }

  const ownerOf = (host: AppHost, pointer: Pointer | undefined): SessionToken | undefined =>
    pointer?.host === host.name && clock.now() < pointer.endsAt ? pointer.owner : undefined

  return Object.freeze({
    async create(host: AppHost, owner: SessionToken, endsAt: number) {
      const token = createSessionToken()
      const stored = sealRecord(sealer, token, { host: host.name, owner, endsAt })
      await keyValue.set(recordKey(token), stored, { ttlMs: Math.max(1, endsAt - clock.now()), onlyIf: 'absent' })
      return token
    },
    findOwner(host: AppHost, cookieValue: string) {
      const known = keyValue.changes.isFresh() ? remembered.get(cookieValue) : undefined
      if (known !== undefined) return ownerOf(host, known)
      const token = parseSessionToken(cookieValue)
      return token && read(token).then((pointer) => ownerOf(host, pointer))
    },
    async drop(cookieValue: string) {
      const token = parseSessionToken(cookieValue)
      if (token === undefined) return
      await keyValue.delete(recordKey(token))
      onChange(recordKey(token))
    },
    start() {
      unfollow = keyValue.changes.subscribe(keyPrefix, onChange)
    },
    stop() {
      unfollow()
      onChange(undefined)
    },
  })
}

interface Pointer {
  readonly host: string
  readonly owner: SessionToken
  readonly endsAt: number
}

const keyPrefix = 'hostsession:'
const maxRemembered = 10_000

const recordKey = ({ ref }: SessionToken): string => `${keyPrefix}${ref}`

function sealRecord(sealer: Sealer, token: SessionToken, { host, owner, endsAt }: Pointer): string {
  const line = JSON.stringify({ host, session: owner.ref, endsAt, version: 1 })
  return `${line}\n${sealer.seal(owner.value, sealContext(token, line))}`
}

/** undefined for whatever `sealRecord` did not give for this token. */
function openRecord(sealer: Sealer, token: SessionToken, stored: string): Pointer | undefined {
  const end = stored.indexOf('\n')
  const line = stored.slice(0, Math.max(end, 0))
  const opened = sealer.open(stored.slice(end + 1), sealContext(token, line))
  const owner = opened && parseSessionToken(opened.toString())
  if (owner === undefined) return undefined
  const { host, endsAt } = recordLine.parse(JSON.parse(line))
  return Object.freeze({ host, owner, endsAt })
}

// The key's name has no line break, so the two cannot be shifted into each other.
const sealContext = (token: SessionToken, line: string) => ({
  purpose: 'host-session',
  boundTo: `${recordKey(token)}\n${line}`,
  secret: token.secret,
})

const recordLine = z.strictObject({
  host: z.string(),
  /** For who looks at the store: the portal's session. */
  session: z.string(),
  endsAt: z.number(),
  version: z.literal(1),
})
