// Logins that are under way at a provider: one value per attempt, so many tabs may log in at once. An attempt is sealed
// under a secret that only its browser has, as a cookie: another browser cannot open it, nor use it up.

import { hash } from 'node:crypto'
import { z } from 'zod'
import type { RequestContext } from '#http'
import { type Clock, randomToken } from '#kernel'
import type { KeyValueStore, SealContext, Sealer } from '#storage'
import type { OwnCookie } from './session-cookies.ts'
import type { LoginAttempt, LoginAttempts } from './sessions.ts'

export interface LoginAttemptsDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly sealer: Sealer
  readonly cookie: OwnCookie
}

export function createLoginAttempts({ clock, keyValue, sealer, cookie }: LoginAttemptsDeps): LoginAttempts {
  const bindingOf = (ctx: RequestContext): string | undefined => {
    const value = cookie.read(ctx)
    return typeof value === 'string' && tokenForm.test(value) ? value : undefined
  }

  /** Makes room for one more: a browser that begins and begins pushes out its own oldest. */
  const makeRoom = async (set: string): Promise<void> => {
    const members = (await keyValue.members(set)).toSorted()
    const tooMany = members.slice(0, Math.max(0, members.length - maxPerBrowser + 1))
    await Promise.all(
      tooMany.flatMap((member) => [keyValue.removeMember(set, member), keyValue.delete(keyOfMember(member))]),
    )
  }

  return Object.freeze({
    async begin(ctx: RequestContext, attempt: LoginAttempt) {
      const binding = bindingOf(ctx) ?? randomToken(32)
      const state = randomToken(32)
      const endsAt = clock.now() + lifetimeMs
      const key = attemptKey(state)
      const sealed = sealer.seal(JSON.stringify({ ...attempt, endsAt }), sealContext(key, binding))
      await makeRoom(browserSet(binding))
      await keyValue.addMember(browserSet(binding), memberOf(key, endsAt), { ttlMs: lifetimeMs })
      await keyValue.set(key, sealed, { ttlMs: lifetimeMs, onlyIf: 'absent' })
      cookie.set(ctx, binding, lifetimeMs / 1000)
      return state
    },

    async take(ctx: RequestContext, state: string) {
      const binding = bindingOf(ctx)
      if (binding === undefined || !tokenForm.test(state)) return undefined
      const key = attemptKey(state)
      const sealed = await keyValue.get(key)
      const opened = sealed === undefined ? undefined : sealer.open(sealed, sealContext(key, binding))
      if (sealed === undefined || opened === undefined) return undefined
      // Of several callbacks with the same state, the one that deletes it has it.
      if (!(await keyValue.delete(key, { onlyIf: sealed }))) return undefined
      const { endsAt, ...attempt } = keptAttempt.parse(JSON.parse(opened.toString()))
      await keyValue.removeMember(browserSet(binding), memberOf(key, endsAt))
      return clock.now() < endsAt ? Object.freeze(attempt) : undefined
    },

    isUnderWay: async (state: string) => tokenForm.test(state) && (await keyValue.get(attemptKey(state))) !== undefined,
  })
}

const lifetimeMs = 10 * 60_000
const maxPerBrowser = 20

/** 32 bytes in canonical base64url. */
const tokenForm = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

const attemptKey = (state: string): string => `attempt:${hash('sha256', state, 'hex')}`

const browserSet = (binding: string): string => `attempts-of:${hash('sha256', binding, 'hex')}`

// The time comes first and has a fixed width, so that members sort by age.
const memberOf = (key: string, endsAt: number): string => `${String(endsAt).padStart(16, '0')} ${key}`

const keyOfMember = (member: string): string => member.slice(17)

const sealContext = (key: string, binding: string): SealContext => ({
  purpose: 'login-attempt',
  boundTo: key,
  secret: binding,
})

const keptAttempt = z.strictObject({
  provider: z.string(),
  purpose: z.enum(['login', 'connect']),
  returnTo: z.string(),
  data: z.record(z.string(), z.string()),
  endsAt: z.number(),
})
