// Renewing a credential once for everybody: callers in this process share one attempt, nodes take turns under a lock,
// and whoever gets the turn looks first whether it is still needed. What the provider gave is stored before anyone uses it.

import { credentialsToText } from './credential-codec.ts'
import { sessionErrors } from './errors.ts'
import type { ActiveSession, Credential } from './session.ts'
import type { HeldSession } from './session-cache.ts'
import type { SessionStore } from './session-store.ts'
import type { RenewedCredential } from './sessions.ts'

/** Runs `work` while nobody else on any node holds the lock of this name. */
export type Lock = <T>(name: string, work: () => Promise<T>) => Promise<T>

export interface Renewal {
  readonly name: string
  readonly isStale: (credential: Credential) => boolean
  readonly renew: (credential: Credential) => Promise<RenewedCredential>
}

interface Renewed {
  readonly held: HeldSession
  /** False where the turn came and there was nothing to do. */
  readonly isNew: boolean
}

/** @throws session.expired if the session has ended meanwhile, and what `renew` throws, to all who share the attempt. */
export function createRenewer(store: SessionStore, lock: Lock) {
  const running = new Map<string, Promise<Renewed>>()

  return async (held: HeldSession, renewal: Renewal): Promise<HeldSession> => {
    const key = JSON.stringify([held.token.ref, renewal.name])
    for (let shared = running.get(key); shared !== undefined; shared = running.get(key)) {
      const renewed = await shared
      // A new credential is taken as it is, even one that ends soon: the others would all renew it again.
      if (renewed.isNew || !needs(renewed.held.session, renewal)) return renewed.held
    }
    const attempt = lock(`session-renewal:${held.token.ref}:${renewal.name}`, () => renewOnce(store, held, renewal))
    running.set(key, attempt)
    try {
      return (await attempt).held
    } finally {
      running.delete(key)
    }
  }
}

async function renewOnce(store: SessionStore, { token }: HeldSession, renewal: Renewal): Promise<Renewed> {
  const reading = await store.read(token)
  if (reading.kind === 'ended') throw sessionErrors.expired({})
  const { held } = reading
  const old = held.session.credentials[renewal.name]
  if (old === undefined || !renewal.isStale(old)) return { held, isNew: false }
  const renewed = await renewal.renew(old)
  const stored = await store.update(held, (session) => replaceIfSame(session, renewal.name, old, renewed))
  if (stored === undefined) throw sessionErrors.expired({})
  const groups = await renewed.askGroups?.()
  if (groups === undefined) return { held: stored, isNew: true }
  const answered = await store.update(stored, (session) => withGroups(session, groups))
  if (answered === undefined) throw sessionErrors.expired({})
  return { held: answered, isNew: true }
}

/** If the lock was lost and another node was faster, its credential stands: it is the one that others already use. */
function replaceIfSame(
  session: ActiveSession,
  name: string,
  old: Credential,
  { credential, groups }: RenewedCredential,
): ActiveSession {
  const present = session.credentials[name]
  if (present === undefined || credentialsToText(present) !== credentialsToText(old)) return session
  const renewed = withCredential(session, name, credential)
  return groups === undefined ? renewed : withGroups(renewed, groups)
}

const withGroups = (session: ActiveSession, groups: readonly string[]): ActiveSession =>
  Object.freeze({ ...session, row: Object.freeze({ ...session.row, groups: Object.freeze([...groups]) }) })

/** The session with one credential replaced, or dropped (undefined). */
export function withCredential(
  session: ActiveSession,
  name: string,
  credential: Credential | undefined,
): ActiveSession {
  const { [name]: _, ...others } = session.credentials
  const credentials = credential === undefined ? others : { ...others, [name]: credential }
  return Object.freeze({ ...session, credentials: Object.freeze(credentials) })
}

const needs = ({ credentials }: ActiveSession, { name, isStale }: Renewal): boolean => {
  const credential = credentials[name]
  return credential !== undefined && isStale(credential)
}
