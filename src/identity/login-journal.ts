// Who logged in, who could not, who left: one log event, one audit entry and one count each. A name that somebody typed
// is kept only if it is somebody's: people type passwords into the wrong field. Passwords come nowhere near.

import type { RequestContext } from '#http'
import { GatewayError, type UserId } from '#kernel'
import type { SessionRow } from '#sessions'
import type { Audit, AuditEntry, Metrics } from '#telemetry'
import type { Accounts, LoginIdentity } from './ports.ts'
import { toPrintable } from './printable.ts'

export type LoginResult = 'success' | 'refused' | 'cancelled' | 'unverified' | 'unavailable' | 'error'

export interface LoginFailure {
  readonly provider: string
  readonly result: Exclude<LoginResult, 'success'>
  /** Why, in words of ours. */
  readonly reason: string
  /** As typed. */
  readonly username?: string
}

export interface LoginJournal {
  /** Comes before the session begins: nobody gets in unrecorded. */
  success(ctx: RequestContext, identity: LoginIdentity, userId: UserId): Promise<void>
  failed(ctx: RequestContext, failure: LoginFailure): Promise<void>
  /** The same for what an exchange with a provider threw. */
  threw(ctx: RequestContext, provider: string, error: unknown, username?: string): Promise<void>
  logout(ctx: RequestContext, row: SessionRow): Promise<void>
  connected(ctx: RequestContext, provider: string): Promise<void>
  disconnected(ctx: RequestContext, provider: string, reason: 'asked' | 'refused'): Promise<void>
  /** A provider could not be told that a credential is no longer used. */
  notRevoked(ctx: RequestContext, provider: string, error: unknown): void
}

const MAX_TYPED_LENGTH = 128

/** Errors of ours that end a login, as results. Others are errors. */
const RESULTS: Readonly<Record<string, LoginFailure['result']>> = {
  'login.cancelled': 'cancelled',
  'login.notProven': 'unverified',
  'login.attemptUnknown': 'unverified',
  'login.providerUnavailable': 'unavailable',
  'login.busy': 'unavailable',
  'login.cannotConnect': 'refused',
  'access.userDisabled': 'refused',
}

export interface LoginJournalDeps {
  readonly audit: Audit
  readonly metrics: Metrics
  readonly accounts: Pick<Accounts, 'find'>
}

export function createLoginJournal({ audit, metrics, accounts }: LoginJournalDeps): LoginJournal {
  const logins = metrics.counter({
    name: 'logins_total',
    help: 'Logins that came to an end, by provider and result.',
    labels: ['provider', 'result'],
  })

  const record = (ctx: RequestContext, entry: Omit<AuditEntry, 'address' | 'requestId'>): Promise<void> =>
    audit.record({
      ...(ctx.userId !== undefined && { userId: ctx.userId }),
      ...entry,
      address: ctx.client.address,
      requestId: ctx.id,
    })

  const knownName = async (provider: string, typed: string | undefined): Promise<string | undefined> => {
    if (typed === undefined) return undefined
    const name = toPrintable(typed, MAX_TYPED_LENGTH)
    const user = await accounts.find(`${provider}/${name}`).catch(() => undefined)
    return user === undefined ? undefined : name
  }

  const failed = async (ctx: RequestContext, failure: LoginFailure): Promise<void> => {
    const { provider, result, reason } = failure
    logins.add({ provider, result })
    const username = await knownName(provider, failure.username)
    const fields = { provider, result, reason, ...(username !== undefined && { username }) }
    const level = result === 'refused' || result === 'cancelled' ? 'info' : 'warn'
    ctx.log[level]({ event: 'login_failed', address: ctx.client.address, ...fields }, 'a login failed')
    try {
      await record(ctx, { action: 'login.failed', outcome: 'failure', detail: fields })
    } catch (error) {
      // The refusal stands whether it can be written down or not.
      ctx.log.error({ event: 'audit_failed', err: error }, 'a failed login is missing in the audit log')
    }
  }

  return Object.freeze({
    failed,

    async success(ctx: RequestContext, { provider, subject, username }: LoginIdentity, userId: UserId) {
      logins.add({ provider, result: 'success' })
      ctx.log.info(
        { event: 'login_success', address: ctx.client.address, provider, subject, username },
        'a person logged in',
      )
      await record(ctx, {
        action: 'login.success',
        outcome: 'success',
        userId,
        subject: `${provider}/${subject}`,
        detail: { provider },
      })
    },

    async threw(ctx: RequestContext, provider: string, error: unknown, username?: string) {
      const code = error instanceof GatewayError ? error.code : 'unexpected'
      const told = error instanceof GatewayError ? error.internal.reason : undefined
      const reason = typeof told === 'string' ? `${code}: ${told}` : code
      await failed(ctx, {
        provider,
        result: RESULTS[code] ?? 'error',
        reason,
        ...(username !== undefined && { username }),
      })
    },

    async logout(ctx: RequestContext, { userId, provider, subject, ref }: SessionRow) {
      ctx.log.info({ event: 'logout', provider, subject }, 'a person logged out')
      await record(ctx, { action: 'logout', outcome: 'success', userId, subject: ref, detail: { provider } })
    },

    async connected(ctx: RequestContext, provider: string) {
      logins.add({ provider, result: 'success' })
      ctx.log.info({ event: 'credential_connect', provider }, 'an account was connected to a session')
      await record(ctx, { action: 'credential.connect', outcome: 'success', subject: provider })
    },

    async disconnected(ctx: RequestContext, provider: string, reason: 'asked' | 'refused') {
      ctx.log.info(
        { event: 'credential_disconnect', provider, reason },
        'a connected account was dropped from a session',
      )
      await record(ctx, { action: 'credential.disconnect', outcome: 'success', subject: provider, detail: { reason } })
    },

    notRevoked(ctx: RequestContext, provider: string, error: unknown) {
      const reason = error instanceof GatewayError ? (error.internal.reason ?? error.code) : 'unexpected'
      ctx.log.warn(
        { event: 'revoke_failed', provider, reason },
        'a provider could not be told that a token is no longer used',
      )
    },
  })
}
