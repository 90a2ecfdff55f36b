// From the Manager's answer to a session: counted, written down and begun like every login, under the name that the Manager
// gave it, where it gives names.

import { accessErrors } from '#access'
import type { RequestContext } from '#http'
import type { Entry, Identities } from '#identity'
import { GatewayError } from '#kernel'
import { createCompactName, type Sessions } from '#sessions'
import { type BackendAiConfig, lifetimeOf } from '../config.ts'
import type { Profile } from '../profile.ts'
import type { SharedLogins } from '../records/shared-logins.ts'
import type { SessionCookie } from '../session-cookie.ts'
import type { ManagerLogin, Understood } from './authorization.ts'
import { webserverErrors } from './errors.ts'
import { countsAsFailure, reasonOf } from './login-answers.ts'
import type { ToProof } from './person.ts'

export interface Attempt {
  /** As typed; absent where a token stands for the person. */
  readonly username?: string
  /** Whether a code came along: who is asked for one all the same has sent a wrong one. */
  readonly hasCode?: boolean
  readonly ask: () => Promise<Understood>
  /** Of whoever the Manager has let in; undefined where it does not take its own keypair. */
  readonly nameOf: (login: ManagerLogin) => Promise<string | undefined>
}

/** @returns the Manager's answer; after a success the request has the session. @throws what `Identities.enter` throws */
export type LogIn = (ctx: RequestContext, attempt: Attempt) => Promise<Understood>

export interface LogInDeps {
  readonly config: Pick<BackendAiConfig, 'login' | 'session'>
  readonly profile: Pick<Profile, 'countedFailures'>
  readonly identity: Pick<Identities, 'enter'>
  readonly sessions: Pick<Sessions, 'current' | 'end' | 'remaining'>
  readonly toProof: ToProof
  readonly cookie: Pick<SessionCookie, 'set'>
  /** Absent: sessions are the gateway's own. */
  readonly shared: Pick<SharedLogins, 'isWritten' | 'settle' | 'over'> | undefined
}

interface Begun {
  readonly name: string
  readonly login: ManagerLogin
  /** Whether the Manager keeps a record of it. */
  readonly wasWritten: boolean
}

export function createLogIn({ config, profile, identity, sessions, toProof, cookie, shared }: LogInDeps): LogIn {
  const fixedEnd = lifetimeOf(config.session)
  const { provider } = config.login

  const judge = (
    answer: Exclude<Understood, { readonly kind: 'success' }>,
    { username, hasCode = false }: Attempt,
  ): Entry => {
    if (answer.kind === 'otpRequired' && hasCode) return { kind: 'refused', reason: 'otp' }
    if (answer.kind !== 'refused' || !countsAsFailure(answer, profile)) return { kind: 'undecided' }
    // A Manager that is out of order says nothing about a token: its failures must not shut a whole address out.
    if (username === undefined && answer.status >= 500) return { kind: 'undecided' }
    return { kind: 'refused', reason: reasonOf(answer) }
  }

  /** The session has begun: its record, and its name on the way to the browser. */
  const complete = async (ctx: RequestContext, { name, login, wasWritten }: Begun): Promise<void> => {
    const session = sessions.current.get(ctx)
    if (session === undefined) throw new Error('a login has brought no session')
    const { now, idleEndsAt } = sessions.remaining(session)
    const isLive = shared === undefined || (await shared.settle(name, login, session.row, { wasWritten }))
    // The Manager may end a login as soon as it has begun, for a newer one.
    if (!isLive) throw accessErrors.loginRequired({})
    cookie.set(ctx, name, idleEndsAt - now)
  }

  const refOf = (ctx: RequestContext): string | undefined => sessions.current.get(ctx)?.row.ref

  /**
   * Something came in between: then the Manager's login is of no use to anybody.
   * @param before the session that the request came with, which stays as long as no other has taken its place
   */
  const abandon = async (ctx: RequestContext, { name }: Begun, error: unknown, before?: string): Promise<void> => {
    // It stands for somebody else's session then.
    if (error instanceof GatewayError && error.code === 'session.nameTaken') return
    await shared?.over(name)
    const ref = refOf(ctx)
    if (ref !== undefined && ref !== before) await sessions.end(ctx, 'revoked')
  }

  return async (ctx, attempt) => {
    const { username, ask, nameOf } = attempt
    let begun: Begun | undefined
    const before = refOf(ctx)
    const entrant = { provider, ...(username === undefined ? { isByToken: true as const } : { username }) }
    const check = async (): Promise<Entry & { readonly answer: Understood }> => {
      const answer = await ask()
      if (answer.kind !== 'success') return { ...judge(answer, attempt), answer }
      const { login } = answer
      const name = login.sessionToken ?? createCompactName()
      begun = { name, login, wasWritten: false }
      begun = { ...begun, wasWritten: (await shared?.isWritten(name)) ?? false }
      const person = await nameOf(login)
      if (person === undefined) {
        throw webserverErrors.managerUnusable({}, { internal: { reason: 'the Manager does not take its own keypair' } })
      }
      return { kind: 'proven', proof: toProof(person, login), name, fixedEnd, answer }
    }
    try {
      const { answer } = await identity.enter(ctx, entrant, check)
      if (begun !== undefined) await complete(ctx, begun)
      return answer
    } catch (error) {
      if (begun !== undefined) await abandon(ctx, begun, error, before)
      throw error
    }
  }
}
