// Account tokens: who gets one, whether one is good, what comes of it. Stateless but for what is revoked: nothing is kept of a
// token that was made, beside its line in the audit log.

import type { Access, Principal, User } from '#access'
import { type Clock, newId, type Secret, type UserId } from '#kernel'
import type { SessionRow } from '#sessions'
import type { Audit } from '#telemetry'
import type { Claims } from './claims.ts'
import type { AccountConfig } from './config.ts'
import { accountTokenErrors } from './errors.ts'
import type { People } from './people.ts'
import type { Revocations } from './revocations.ts'
import { EXPIRED, type TokenFormat } from './token-format.ts'

/** Who asks, for the audit log. A request context fits. */
export interface AskedBy {
  readonly id: string
  readonly client: { readonly address: string }
}

/** One that was good when it was asked about. */
export interface IdentifiedToken {
  readonly text: Secret
  readonly claims: Claims
  readonly user: User
  readonly principal: Principal
}

export interface IssuedToken {
  readonly token: string
  readonly claims: Claims
}

export interface AccountTokens {
  /** The first token of a chain. @throws accountToken.notAllowed */
  create(by: AskedBy, session: SessionRow): Promise<IssuedToken>
  /**
   * The next one, for who brings one that is good. It stays good itself.
   * @throws accountToken.invalid at the end of the chain, accountToken.notAllowed
   */
  refresh(by: AskedBy, claims: Claims): Promise<IssuedToken>
  /**
   * Whose token it is, as of now, and what it says.
   * @throws accountToken.invalid, accountToken.notAllowed, storage.unavailable
   */
  identify(text: Secret): Promise<IdentifiedToken>
  /** Who the person is, by what was heard of them last, if they may have tokens. @throws accountToken.notAllowed */
  getPerson(userId: UserId): Promise<Principal>
  /** Revokes this token and all of its chain. */
  revokeChain(by: AskedBy, claims: Claims): Promise<void>
  /** By the id that the audit log has; of the first of a chain, all of it. */
  revokeToken(by: AskedBy, actor: UserId, jti: string): Promise<void>
  revokeAllOf(by: AskedBy, actor: UserId, userId: UserId): Promise<void>
}

export interface AccountTokensDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly format: TokenFormat
  readonly revocations: Revocations
  readonly people: People
  readonly access: Pick<Access, 'users' | 'principalOf' | 'compilePolicy'>
  readonly audit: Audit
  readonly issuer: () => string
}

/** What a token takes over from the one before; the first one has no `origin_jti` yet. */
type Chain = Pick<Claims, 'auth_time' | 'knows_revoked'> & Partial<Pick<Claims, 'origin_jti'>>

const DISABLED = 'The account of this token is disabled.'
const REVOKED = 'The token was revoked.'
const CHAIN_ENDED = 'So long after the login no token can be refreshed any more.'

export function createAccountTokens(deps: AccountTokensDeps, config: AccountConfig): AccountTokens {
  const { clock, format, revocations, people, access, audit, issuer } = deps
  const { realm, audience, lifetime, maxSession } = config
  const policy = access.compilePolicy('account', [{ allow: config.allow }])
  const invalid = (because: string) => accountTokenErrors.invalid({ realm, because })

  const toAllowed = (user: User | undefined): Pick<IdentifiedToken, 'user' | 'principal'> => {
    if (user === undefined || user.disabledAt !== undefined || access.users.isDisabled(user.id)) throw invalid(DISABLED)
    const principal = access.principalOf(user)
    const decision = policy.decide({ method: 'GET', path: '/' }, principal)
    if (!decision.allow) throw accountTokenErrors.notAllowed({ realm, because: decision.because })
    return { user, principal }
  }

  const issue = async (principal: Principal, chain: Chain): Promise<IssuedToken> => {
    const { userId, displayName, email, groups } = principal
    const issuedAt = toSeconds(clock.now())
    const jti = newId()
    const claims: Claims = {
      iss: issuer(),
      aud: audience,
      sub: userId,
      user_id: userId,
      name: displayName,
      ...(email !== undefined && { email }),
      groups: [...groups],
      iat: issuedAt,
      nbf: issuedAt,
      exp: Math.min(issuedAt + toSeconds(lifetime), chain.auth_time + toSeconds(maxSession)),
      jti,
      auth_time: chain.auth_time,
      origin_jti: chain.origin_jti ?? jti,
      knows_revoked: chain.knows_revoked,
    }
    if (claims.exp <= issuedAt) throw invalid(CHAIN_ENDED)
    return { token: await format.write(claims), claims }
  }

  const record = (
    action: string,
    by: AskedBy,
    userId: string,
    entry: { actor?: string; subject: string; chain?: string },
  ) => {
    const { chain, ...others } = entry
    return audit.record({
      action,
      outcome: 'success',
      userId,
      address: by.client.address,
      requestId: by.id,
      ...others,
      ...(chain !== undefined && { detail: { chain } }),
    })
  }

  return Object.freeze({
    getPerson: async (userId: UserId) => toAllowed(await people.find(userId)).principal,

    async create(by: AskedBy, session: SessionRow) {
      // Not what the session knows: another one may have heard since that the person is in fewer groups.
      const { principal } = toAllowed(await people.findNow(session.userId))
      const issued = await issue(principal, {
        auth_time: toSeconds(session.authenticatedAt ?? session.createdAt),
        knows_revoked: await revocations.lastOf(principal.userId),
      })
      await record('account-token.create', by, principal.userId, { subject: issued.claims.jti })
      return issued
    },

    async refresh(by: AskedBy, claims: Claims) {
      const { principal } = toAllowed(await people.findNow(claims.user_id))
      // It knows what the one before knew: else that could outlive its revocation in the moment until this node hears of it.
      const issued = await issue(principal, claims)
      const { jti: subject, origin_jti: chain } = issued.claims
      await record('account-token.refresh', by, principal.userId, { subject, chain })
      return issued
    },

    async identify(text: Secret) {
      const reading = await format.read(text.reveal())
      if ('fault' in reading) throw invalid(reading.fault)
      const { claims } = reading
      await revocations.settled()
      if (revocations.isRevoked(claims)) throw invalid(REVOKED)
      // The operator may have made it shorter since.
      if (clock.now() >= claims.auth_time * 1000 + maxSession) throw invalid(EXPIRED)
      return { text, claims, ...toAllowed(await people.find(claims.user_id)) }
    },

    async revokeChain(by: AskedBy, { user_id, origin_jti }: Claims) {
      await revocations.revokeToken(origin_jti)
      await record('account-token.revoke', by, user_id, { subject: origin_jti })
    },

    async revokeToken(by: AskedBy, actor: UserId, jti: string) {
      await revocations.revokeToken(jti)
      await record('account-token.revoke', by, actor, { actor, subject: jti })
    },

    async revokeAllOf(by: AskedBy, actor: UserId, userId: UserId) {
      await revocations.revokeAllOf(userId)
      await record('account-token.revoke-all', by, userId, { actor, subject: userId })
    },
  })
}

const toSeconds = (ms: number): number => Math.floor(ms / 1000)
