// Goes on with a login that the Manager knows and no session here stands for: one that another webserver began, which this
// gateway took the place of. The Manager says whose it is.

import { createHash } from 'node:crypto'
import type { RequestContext } from '#http'
import type { Identities } from '#identity'
import { type Clock, GatewayError } from '#kernel'
import { type ActiveSession, isCompactName, type SessionRow, type Sessions } from '#sessions'
import { type KeyValueStore, withLock } from '#storage'
import type { Manager } from '../server/manager.ts'
import type { ToProof } from '../server/person.ts'
import type { LoginRecord } from './record.ts'
import type { LoginRecords } from './records.ts'

/** @returns undefined if there is no such login, or its session here has ended. @throws rather than guess */
export type Adopt = (ctx: RequestContext, name: string) => Promise<ActiveSession | undefined>

export interface AdoptDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly records: Pick<LoginRecords, 'find' | 'limitEnd'>
  readonly sessions: Pick<Sessions, 'load' | 'current'>
  readonly identity: Pick<Identities, 'enter'>
  readonly provider: string
  readonly toProof: ToProof
  readonly findUser: Manager['findUser']
  readonly extensionMs: number
  /** Told of a login whose session here has ended. */
  readonly onOver: (name: string) => Promise<void>
  readonly endSession: (row: SessionRow) => Promise<unknown>
}

/** Longer than the Manager may take to answer. */
const LOCK = { ttlMs: 15_000, waitMs: 10_000 } as const

/** A login that is nearly over is not worth a session. */
const LEAST_MS = 1000

export function createAdopt(deps: AdoptDeps): Adopt {
  const { clock, keyValue, records, sessions, identity, provider, toProof, extensionMs } = deps

  const begin = async (ctx: RequestContext, name: string, { login, endsAt }: LoginRecord): Promise<void> => {
    const user = await deps.findUser(login)
    const afterMs = endsAt === undefined ? extensionMs : endsAt - clock.now()
    if (user === undefined || afterMs < LEAST_MS) return
    // Whatever the record says of them: it is not signed.
    const { username, role } = user
    await identity.enter(ctx, { provider }, async () => ({
      kind: 'proven',
      proof: toProof(username, { ...login, role }),
      name,
      fixedEnd: { afterMs, extensionMs },
    }))
  }

  /** One request at a time: a page asks for many things at once. */
  const adoptOnce = async (ctx: RequestContext, name: string, record: LoginRecord) => {
    const begun = await sessions.load(ctx)
    if (begun !== undefined) return begun
    try {
      await begin(ctx, name, record)
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === 'session.nameTaken')) throw error
      await deps.onOver(name)
      return undefined
    }
    const session = sessions.current.get(ctx)
    if (session === undefined || (await records.limitEnd(name, session.row.idleEndsAt))) return session
    // It has ended on the other side while it was asked whose it is.
    await deps.endSession(session.row)
    sessions.current.set(ctx, undefined)
    return undefined
  }

  return async (ctx, name) => {
    if (!isCompactName(name)) return undefined
    const record = await records.find(name)
    if (record === undefined) return undefined
    // Names are secrets, and keys of stores are not.
    const lock = `backend-ai-login:${createHash('sha256').update(name).digest('hex')}`
    return withLock(keyValue, clock, lock, LOCK, () => adoptOnce(ctx, name, record))
  }
}
