// Who logged in, who could not, who left: one log event, one audit entry and one count each. A name that somebody typed
// is kept only if it is somebody's: people type passwords into the wrong field. Passwords come nowhere near.

import { addressKey, type RequestContext } from '#http'
import { type Clock, GatewayError, type UserId } from '#kernel'
import type { SessionRow } from '#sessions'
import { type Audit, type AuditEntry, createSampler, type Metrics } from '#telemetry'
import type { Accounts, LoginIdentity } from './ports.ts'
import { toPrintable } from './printable.ts'

export type LoginResult = 'success' | 'refused' | 'cancelled' | 'throttled' | 'unverified' | 'unavailable' | 'error'

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
  /** A refresh brought other groups than the session had. */
  groupsChanged(ctx: RequestContext, provider: string, groups: GroupChange): Promise<void>
  /** A provider announced a logout that was believed. */
  announced(ctx: RequestContext, provider: string, reached: Reached): Promise<void>
  /** One that was not. */
  announcementRefused(ctx: RequestContext, provider: string, error: unknown): Promise<void>
  /** A provider could not be told that a credential is no longer used. */
  notRevoked(ctx: RequestContext, provider: string, error: unknown): void
}

/** Runs what may fail, and writes down that it did. */
export async function journalled<T>(
  journal: Pick<LoginJournal, 'threw'>,
  { ctx, provider, username }: { readonly ctx: RequestContext; readonly provider: string; readonly username?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await journal.threw(ctx, provider, error, username)
    throw error
  }
}

export interface GroupChange {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** What an announced logout came to. */
export interface Reached {
  readonly sessions: number
  /** Connected accounts that were dropped from sessions of other logins. */
  readonly accounts: number
}

const MAX_TYPED_LENGTH = 128

/** Errors of ours that end a login, as results. Others are errors. */
const RESULTS: Readonly<Record<string, LoginFailure['result']>> = {
  'login.cancelled': 'cancelled',
  'login.notProven': 'unverified',
  'login.notFresh': 'unverified',
  'login.attemptUnknown': 'unverified',
  'login.tooManyFailures': 'throttled',
  'login.tooManyPending': 'throttled',
  'login.providerUnavailable': 'unavailable',
  'login.busy': 'unavailable',
  'login.cannotConnect': 'refused',
  'access.userDisabled': 'refused',
}

/** What anybody can cause as often as they like is sampled; wrong passwords are bounded already (`login-guard.ts`). */
const sourceOf = (ctx: RequestContext, { provider, result, username = '' }: LoginFailure): string =>
  JSON.stringify([addressKey(ctx.client.address), provider, result, result === 'refused' ? username : ''])

export interface LoginJournalDeps {
  readonly clock: Clock
  readonly audit: Audit
  readonly metrics: Metrics
  readonly accounts: Pick<Accounts, 'find'>
}

export function createLoginJournal({ clock, audit, metrics, accounts }: LoginJournalDeps): LoginJournal {
  const sampler = createSampler({ clock, each: 20, all: 1000 })
  const logins = metrics.counter({
    name: 'logins_total',
    help: 'Logins that came to an end, by provider and result.',
    labels: ['provider', 'result'],
  })

  const announcements = metrics.counter({
    name: 'logouts_announced_total',
    help: 'Logouts that a provider announced by back channel, by provider and result.',
    labels: ['provider', 'result'],
  })

  const record = (ctx: RequestContext, entry: Omit<AuditEntry, 'address' | 'requestId'>): Promise<void> =>
    audit.record({
      ...(ctx.userId !== undefined && { userId: ctx.userId }),
      ...entry,
      address: ctx.client.address,
      requestId: ctx.id,
    })

  /** For what stands whether it can be written down or not: a refusal, an end. */
  const recordAfterwards = async (
    ctx: RequestContext,
    entry: Omit<AuditEntry, 'address' | 'requestId'>,
  ): Promise<void> => {
    try {
      await record(ctx, entry)
    } catch (error) {
      ctx.log.error({ event: 'audit_failed', action: entry.action, err: error }, 'an entry is missing in the audit log')
    }
  }

  const knownName = async (provider: string, typed: string | undefined): Promise<string | undefined> => {
    if (typed === undefined) return undefined
    const name = toPrintable(typed, MAX_TYPED_LENGTH)
    const user = await accounts.find(`${provider}/${name}`).catch(() => undefined)
    return user === undefined ? undefined : name
  }

  const failed = async (ctx: RequestContext, failure: LoginFailure): Promise<void> => {
    const { provider, result, reason } = failure
    logins.add({ provider, result })
    const leftOut = sampler.take(sourceOf(ctx, failure))
    if (leftOut === undefined) return
    const username = await knownName(provider, failure.username)
    const fields = {
      provider,
      result,
      reason,
      ...(username !== undefined && { username }),
      ...(leftOut > 0 && { leftOut }),
    }
    const level = result === 'refused' || result === 'cancelled' ? 'info' : 'warn'
    ctx.log[level]({ event: 'login_failed', address: ctx.client.address, ...fields }, 'a login failed')
    await recordAfterwards(ctx, { action: 'login.failed', outcome: 'failure', detail: fields })
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
      await failed(ctx, {
        provider,
        result: RESULTS[code] ?? 'error',
        reason: reasonOf(error),
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

    async groupsChanged(ctx: RequestContext, provider: string, { before, after }: GroupChange) {
      const added = after.filter((group) => !before.includes(group))
      const lost = before.filter((group) => !after.includes(group))
      ctx.log.info({ event: 'groups_changed', provider, added, lost }, 'a refresh brought other groups')
      const detail = { provider, added: shorten(added), lost: shorten(lost) }
      await record(ctx, { action: 'session.groups', outcome: 'success', detail })
    },

    async announced(ctx: RequestContext, provider: string, { sessions, accounts }: Reached) {
      announcements.add({ provider, result: 'success' })
      ctx.log.info({ event: 'logout_announced', provider, sessions, accounts }, 'a provider ended a login of its own')
      const detail = { provider, sessions, accounts }
      await recordAfterwards(ctx, { action: 'logout.announced', outcome: 'success', detail })
    },

    async announcementRefused(ctx: RequestContext, provider: string, error: unknown) {
      const reason = reasonOf(error)
      announcements.add({ provider, result: 'refused' })
      const leftOut = sampler.take(JSON.stringify([addressKey(ctx.client.address), provider, 'announced', reason]))
      if (leftOut === undefined) return
      const detail = { provider, reason, ...(leftOut > 0 && { leftOut }) }
      ctx.log.warn({ event: 'logout_refused', ...detail }, 'an announced logout was not accepted')
      await recordAfterwards(ctx, { action: 'logout.announced', outcome: 'failure', detail })
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

const MAX_GROUPS_LENGTH = 1000

const shorten = (groups: readonly string[]): string => groups.join(' ').slice(0, MAX_GROUPS_LENGTH)

/** The code, and what we know of the cause, in words of ours. */
function reasonOf(error: unknown): string {
  if (!(error instanceof GatewayError)) return 'unexpected'
  const { reason } = error.internal
  return typeof reason === 'string' ? `${error.code}: ${reason}` : error.code
}
