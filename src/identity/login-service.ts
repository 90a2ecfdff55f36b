// The logins of the portal: from a form or a provider's answer to a session, or to a connected account. A route never does
// any of it by itself.

import { peerOf, type RequestContext } from '#http'
import { type Clock, GatewayError } from '#kernel'
import type { ActiveSession, LoginAttempt, SessionRow, Sessions } from '#sessions'
import { typedKey } from './account-key.ts'
import { loginErrors } from './errors.ts'
import { whyNotFresh } from './fresh-login.ts'
import type { KnownBrowsers } from './known-browsers.ts'
import type { LoginGuard } from './login-guard.ts'
import { journalled, type LoginJournal } from './login-journal.ts'
import { type LoginMemories, memoryOf, nameAttempt, remembersAttempt } from './login-memory.ts'
import type { PendingLogins } from './pending-logins.ts'
import type { LoginIdentity, PublicAddress } from './ports.ts'
import type { PostedAnswer, PostedAnswers } from './posted-answers.ts'
import type { LogIn } from './proven-login.ts'
import type { PasswordForm, PasswordProvider, Proof, RedirectProvider } from './provider.ts'
import { HOME } from './return-to.ts'

/** What a login is for, and where to go afterwards. */
export interface Goal {
  readonly purpose: 'login' | 'connect'
  /** A path of ours: what `toReturnTo` gave. */
  readonly returnTo: string
  /** Only if the person shows now who they are, however they are logged in here or at the provider. */
  readonly mustBeFresh?: boolean
}

export type PasswordOutcome =
  | { readonly kind: 'done'; readonly returnTo: string }
  | { readonly kind: 'refused'; readonly notice?: string }
  /** To be asked for the second factor; `state` brings the rest back. */
  | { readonly kind: 'otp-required'; readonly state: string }

export type CallbackOutcome =
  | { readonly kind: 'done'; readonly returnTo: string }
  /** The attempt had gone stale, and a fresh one has been begun: go there. */
  | { readonly kind: 'again'; readonly url: string }
  /** The person or the provider ended it; the login page says so. */
  | { readonly kind: 'stopped'; readonly error: GatewayError; readonly goal: Goal }

export interface LoginService {
  /**
   * @param callback the path, with its query if it has one, that the provider sends the browser back to
   * @returns where to send the browser. @throws login.providerUnavailable, login.cannotBeFresh
   */
  begin(ctx: RequestContext, provider: RedirectProvider, goal: Goal, callback?: string): Promise<string>
  /**
   * Takes the answer that a provider sends through the browser, at whichever address it was told. @throws what refuses it
   * @param onStale what to do about an answer that belongs to no login under way: refuse it, or see whether it can be mended
   */
  complete(ctx: RequestContext, provider: RedirectProvider, onStale?: 'mend' | 'refuse'): Promise<CallbackOutcome>
  /** Keeps the answer of a provider that sends it as a form. @returns the callback to go on to, with its query. @throws login.busy */
  keepAnswer(ctx: RequestContext, provider: RedirectProvider, answer: Omit<PostedAnswer, 'address'>): Promise<string>
  /** @throws login.providerUnavailable, login.busy, access.userDisabled */
  check(ctx: RequestContext, provider: PasswordProvider, form: TypedLogin, goal: Goal): Promise<PasswordOutcome>
  /** Goes on where `otp-required` stopped. @throws the same, and login.attemptUnknown */
  checkOtp(ctx: RequestContext, provider: PasswordProvider, state: string, otp: string): Promise<PasswordOutcome>
}

export type TypedLogin = Omit<PasswordForm, 'clientAddress'>

export interface LoginServiceDeps {
  readonly clock: Clock
  readonly sessions: Sessions
  readonly logIn: LogIn
  readonly journal: LoginJournal
  readonly publicUrl: PublicAddress
  readonly memories: LoginMemories
  readonly browsers: KnownBrowsers
  readonly guard: LoginGuard
  readonly pending: PendingLogins
  readonly answers: PostedAnswers
}

/** In an attempt's data, beside the driver's own: the session that an account is to be connected to. */
const SESSION_REF = '$session'
/** Beside it: the place that the login takes while it is under way. */
const PENDING = '$pending'
/** Beside it, where the login must be fresh: when it was begun, ms since the epoch. */
const FRESH_SINCE = '$freshSince'

export const callbackPath = (provider: string): string => `/auth/callback/${provider}`

export function createLoginService(deps: LoginServiceDeps): LoginService {
  const { clock, sessions, logIn, journal, publicUrl, memories, browsers, guard, pending, answers } = deps
  /** Keeps what is needed when the browser comes back. */
  const keepAttempt = async (
    ctx: RequestContext,
    provider: string,
    goal: Goal,
    data: LoginAttempt['data'],
  ): Promise<string> => {
    const session = sessions.current.get(ctx)
    const bound = {
      ...data,
      [PENDING]: await pending.begin(ctx),
      ...(goal.purpose === 'connect' && session !== undefined && { [SESSION_REF]: session.row.ref }),
      ...(goal.mustBeFresh === true && { [FRESH_SINCE]: String(clock.now()) }),
    }
    return sessions.attempts.begin(ctx, { provider, purpose: goal.purpose, returnTo: goal.returnTo, data: bound })
  }

  const begin = async (
    ctx: RequestContext,
    provider: RedirectProvider,
    goal: Goal,
    { isRetry = false, callback = callbackPath(provider.id) }: { isRetry?: boolean; callback?: string } = {},
  ): Promise<string> => {
    const { mustBeFresh = false } = goal
    if (mustBeFresh && !provider.canBeFresh) throw loginErrors.cannotBeFresh({ label: provider.label })
    const { urlFor, data } = await provider.begin({ redirectUri: publicUrl.urlTo(callback), mustBeFresh })
    const state = await keepAttempt(ctx, provider.id, goal, data)
    memories.write(ctx, { provider: provider.id, attempt: nameAttempt(state), returnTo: goal.returnTo, isRetry })
    return urlFor(state)
  }

  const login = async (ctx: RequestContext, proof: Proof): Promise<void> => {
    await logIn(ctx, proof)
    memories.write(ctx, memoryOf(proof.identity.provider))
  }

  const connect = async (
    ctx: RequestContext,
    { identity, credential }: Proof,
    sessionRef: string | undefined,
  ): Promise<void> => {
    const session = requireSession(sessions, ctx)
    if (sessionRef !== undefined && session.row.ref !== sessionRef) {
      throw loginErrors.cannotConnect({ reason: 'It was begun in another session than the one you have now.' })
    }
    // The session speaks for one person; their own provider must not bring in another one's credential.
    if (identity.provider === session.row.provider && !isPersonOf(session.row, identity)) {
      throw loginErrors.cannotConnect({ reason: 'It is not the account that you are logged in with.' })
    }
    if (credential === undefined)
      throw loginErrors.cannotConnect({ reason: 'It brings nothing that could be kept for you.' })
    await sessions.setCredential(ctx, identity.provider, credential, identity)
    await journal.connected(ctx, identity.provider)
  }

  const finish = (ctx: RequestContext, goal: Goal, proof: Proof, sessionRef?: string): Promise<void> =>
    goal.purpose === 'login' ? login(ctx, proof) : connect(ctx, proof, sessionRef)

  /** The attempt is unknown: a used, expired or foreign one, or no attempt at all. */
  const completeStale = async (
    ctx: RequestContext,
    provider: RedirectProvider,
    state: string,
  ): Promise<CallbackOutcome> => {
    const memory = memories.read(ctx)
    const isOwn = remembersAttempt(memory, provider.id, state)
    const returnTo = (isOwn && memory?.returnTo) || HOME
    if (sessions.current.get(ctx) !== undefined) return { kind: 'done', returnTo }
    await journal.threw(ctx, provider.id, loginErrors.attemptUnknown({}))
    // Only this browser's own last attempt, which has merely run out of time, is begun anew, and only once.
    if (!isOwn || memory?.isRetry === true) throw loginErrors.attemptUnknown({})
    return { kind: 'again', url: await begin(ctx, provider, { purpose: 'login', returnTo }, { isRetry: true }) }
  }

  const check = (
    ctx: RequestContext,
    provider: PasswordProvider,
    form: TypedLogin,
    goal: Goal,
  ): Promise<PasswordOutcome> =>
    journalled(journal, { ctx, provider: provider.id, username: form.username }, () =>
      guard.attempt(ctx, { provider: provider.id, username: form.username }, async (): Promise<PasswordOutcome> => {
        const verification = await provider.verify({ ...form, clientAddress: ctx.client.address })
        switch (verification.kind) {
          case 'proven':
            // Typed just now, so it needs nobody's word for when.
            await finish(ctx, goal, { ...verification.proof, authenticatedAt: clock.now() })
            return { kind: 'done', returnTo: goal.returnTo }
          case 'otp-required': {
            // Sealed with the rest of the attempt, for ten minutes at most, and only this browser can use it.
            const data = { username: form.username, password: form.password }
            return { kind: 'otp-required', state: await keepAttempt(ctx, provider.id, goal, data) }
          }
          case 'refused': {
            const { reason, notice } = verification
            await journal.failed(ctx, { provider: provider.id, result: 'refused', reason, username: form.username })
            return { kind: 'refused', ...(notice !== undefined && { notice: `${provider.label}: ${notice}` }) }
          }
        }
      }),
    )

  return Object.freeze<LoginService>({
    begin: (ctx: RequestContext, provider: RedirectProvider, goal: Goal, callback?: string) =>
      journalled(journal, { ctx, provider: provider.id }, () =>
        begin(ctx, provider, goal, callback === undefined ? {} : { callback }),
      ),

    async complete(
      ctx: RequestContext,
      provider: RedirectProvider,
      onStale: 'mend' | 'refuse' = 'mend',
    ): Promise<CallbackOutcome> {
      const state = singleState(ctx)
      const attempt = await sessions.attempts.take(ctx, state)
      if (attempt === undefined && onStale === 'mend') return completeStale(ctx, provider, state)
      if (attempt === undefined) {
        await journal.threw(ctx, provider.id, loginErrors.attemptUnknown({}))
        throw loginErrors.attemptUnknown({})
      }
      const { purpose, returnTo, data } = attempt
      const freshSince = data[FRESH_SINCE]
      const goal: Goal = { purpose, returnTo, mustBeFresh: freshSince !== undefined }
      await pending.end(data[PENDING])
      try {
        // RFC 9700 §4.4: each provider has a callback of its own, and an answer of one is no answer of another.
        if (attempt.provider !== provider.id) {
          throw loginErrors.notProven(
            { label: provider.label },
            { internal: { reason: 'the attempt is another provider’s' } },
          )
        }
        const { rawHeaders, socket } = ctx.request
        const url = new URL(publicUrl.urlTo(ctx.target.raw))
        const answer = provider.answerForm && (await answers.take(state))
        const proof = await provider.complete({ url, rawHeaders, peer: peerOf(socket), answer }, data, state)
        const fault = freshSince === undefined ? undefined : whyNotFresh(proof.authenticatedAt, Number(freshSince))
        if (fault !== undefined) throw loginErrors.notFresh({ label: provider.label }, { internal: { reason: fault } })
        await finish(ctx, goal, proof, data[SESSION_REF])
        browsers.remember(ctx, typedKey(provider.id, proof.identity.subject))
        return { kind: 'done', returnTo }
      } catch (error) {
        await journal.threw(ctx, provider.id, error)
        if (!isStop(error)) throw error
        return { kind: 'stopped', error, goal }
      }
    },

    async keepAnswer(ctx: RequestContext, provider: RedirectProvider, posted: Omit<PostedAnswer, 'address'>) {
      const { state } = posted
      await answers.keep({ ...posted, address: ctx.client.address })
      return `${callbackPath(provider.id)}?${new URLSearchParams({ state }).toString()}`
    },

    check,

    async checkOtp(ctx: RequestContext, provider: PasswordProvider, state: string, otp: string) {
      const attempt = await sessions.attempts.take(ctx, state)
      const { username, password, [SESSION_REF]: sessionRef, [PENDING]: ticket } = attempt?.data ?? {}
      await pending.end(ticket)
      const isOurs = attempt?.provider === provider.id && username !== undefined && password !== undefined
      if (!isOurs || (attempt.purpose === 'connect' && sessionRef !== sessions.current.get(ctx)?.row.ref)) {
        await journal.threw(ctx, provider.id, loginErrors.attemptUnknown({}))
        throw loginErrors.attemptUnknown({})
      }
      const { purpose, returnTo } = attempt
      return check(ctx, provider, { username, password, otp }, { purpose, returnTo })
    },
  })
}

/** @throws login.sessionRequired */
export function requireSession(sessions: Sessions, ctx: RequestContext): ActiveSession {
  const session = sessions.current.get(ctx)
  if (session === undefined) throw loginErrors.sessionRequired({})
  return session
}

/** By what their account is known by, too: the issuer may have moved since the session began, or be of no account. */
const isPersonOf = (row: SessionRow, { issuer, formerIssuers, subject }: LoginIdentity): boolean =>
  subject === row.subject && (formerIssuers === undefined || [issuer, ...formerIssuers].includes(row.issuer))

/** The state of a callback; doubled or absent, it is nobody's. */
function singleState(ctx: RequestContext): string {
  const states = new URLSearchParams(ctx.target.query).getAll('state')
  return states.length === 1 ? (states[0] ?? '') : ''
}

const isStop = (error: unknown): error is GatewayError => error instanceof GatewayError && STOPS.has(error.code)

const STOPS: ReadonlySet<string> = new Set(['login.cancelled', 'login.providerUnavailable', 'login.notFresh'])
