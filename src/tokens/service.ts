// The tokens of people: made by somebody who has just logged in, for no more than they may do themselves; listed, revoked.

import type { ChangedBy, Principal, User } from '#access'
import type { Clock, UserId } from '#kernel'
import type { Audit } from '#telemetry'
import { tokenErrors } from './errors.ts'
import type { LiveTokens } from './live-tokens.ts'
import { isScope } from './scopes.ts'
import type { ServiceAccounts } from './service-accounts.ts'
import { createTokenSecret } from './token-form.ts'
import type { TokenStore } from './token-store.ts'
import type { NewToken, Token, Tokens } from './tokens.ts'

export interface TokensDeps {
  readonly clock: Clock
  readonly store: TokenStore
  readonly live: Pick<LiveTokens, 'announce'>
  readonly audit: Audit
  readonly lifetimeMs: number
  readonly maxLifetimeMs: number
  /** So long before their end people are told; ms. */
  readonly warnBeforeMs: number
  readonly serviceAccounts: ServiceAccounts
}

const MAX_TOKENS = 100
const DAY_MS = 86_400_000
/** So long a token is kept once it is good no more. */
export const KEPT_MS = 30 * DAY_MS

export function createTokens(deps: TokensDeps): Tokens {
  const { clock, store, live, audit, maxLifetimeMs, serviceAccounts } = deps

  const check = (person: Principal, scopes: readonly string[], lifetimeMs: number): void => {
    for (const scope of scopes) {
      if (!isScope(scope)) throw tokenErrors.scopeUnknown({ scope })
      if (scope === 'admin' && !person.isAdmin) throw tokenErrors.scopeNotYours({ scope })
    }
    if (lifetimeMs > maxLifetimeMs) throw tokenErrors.lifetimeTooLong({ maxDays: Math.floor(maxLifetimeMs / DAY_MS) })
  }

  const record = (action: string, { id, userId, name, kind, prefix }: Token, by: ChangedBy, detail = {}) =>
    audit.record({ action, outcome: 'success', userId, ...by, subject: id, detail: { name, kind, prefix, ...detail } })

  const revoke = async (token: Token, by: ChangedBy): Promise<boolean> => {
    if (!(await store.revoke(token.id, clock.now()))) return false
    await live.announce()
    await record('token.revoke', token, by)
    return true
  }

  return Object.freeze({
    serviceAccounts,

    async mint(person: Principal, { name, scopes, lifetimeMs = deps.lifetimeMs }: NewToken, by: ChangedBy) {
      const { userId } = person
      const wanted = [...new Set(scopes)]
      check(person, wanted, lifetimeMs)
      const now = clock.now()
      const { secret, form } = createTokenSecret('api-token')
      const row = { userId, name, scopes: wanted, expiresAt: now + lifetimeMs }
      const token = await store.insertWithin(MAX_TOKENS, form, row, now)
      if (token === undefined) throw tokenErrors.tooMany({ limit: MAX_TOKENS })
      await record('token.create', token, by, { scopes: wanted.join(' '), expiresAt: now + lifetimeMs })
      return { token, secret }
    },

    list: (userId: UserId) => store.ofUser(userId, 'api-token', clock.now()),

    listEnded(userId: UserId) {
      const now = clock.now()
      return store.endedOf(userId, 'api-token', { since: now - KEPT_MS, now })
    },

    endsSoon({ createdAt, expiresAt }: Token) {
      const warnedFrom = (expiresAt ?? Number.POSITIVE_INFINITY) - deps.warnBeforeMs
      return createdAt < warnedFrom && warnedFrom <= clock.now()
    },

    async revoke(id: string, by: ChangedBy, owner?: UserId) {
      const [token] = await store.amongIds([id], clock.now())
      // A stranger's token is as unknown as one that is not there.
      if (token === undefined || (owner !== undefined && (token.userId !== owner || token.kind !== 'api-token')))
        return false
      return revoke(token, by)
    },

    async revokeAllOf({ id }: Pick<User, 'id'>, by: ChangedBy) {
      const revoked: Token[] = []
      for (const token of await store.ofUser(id, 'api-token', clock.now())) {
        if (await revoke(token, by)) revoked.push(token)
      }
      return revoked
    },
  })
}
