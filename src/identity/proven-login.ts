// The only place that begins a session: the user is admitted, the login is written down, the session begins. Every login
// passes here, whatever the provider and whoever carried it.

import type { RequestContext } from '#http'
import type { NewSession, Sessions } from '#sessions'
import { loginErrors } from './errors.ts'
import type { LoginJournal } from './login-journal.ts'
import type { Accounts } from './ports.ts'
import type { Proof } from './provider.ts'

/** How a session differs from those of the portal. */
export interface SessionKind {
  /** Compact: what names it instead of the portal's cookie. */
  readonly name?: string
  readonly fixedEnd?: NewSession['fixedEnd']
}

/** @throws access.userDisabled, access.signUpRefused, access.otherIssuer, login.awaitsApproval, session.expired, session.nameTaken */
export type LogIn = (ctx: RequestContext, proof: Proof, kind?: SessionKind) => Promise<void>

export interface LogInDeps {
  readonly sessions: Pick<Sessions, 'begin'>
  readonly accounts: Accounts
  readonly journal: LoginJournal
}

export const createLogIn =
  ({ sessions, accounts, journal }: LogInDeps): LogIn =>
  async (ctx, { identity, credential, authenticatedAt }, { name, fixedEnd } = {}) => {
    const { id: userId, groups, approval } = await accounts.admit(identity)
    // A feature with a login protocol of its own has no page that says so, and asks for sessions by their names.
    if (approval !== 'approved' && name !== undefined) throw loginErrors.awaitsApproval({})
    await journal.success(ctx, identity, userId)
    const credentials = credential === undefined ? {} : { [identity.provider]: credential }
    const { isInvited: _, formerIssuers: __, ...who } = identity
    const login = {
      ...who,
      userId,
      groups,
      credentials,
      ...(approval !== 'approved' && { awaitsApproval: true as const }),
      ...(authenticatedAt !== undefined && { authenticatedAt }),
      ...(fixedEnd !== undefined && { fixedEnd }),
    }
    await sessions.begin(ctx, login, name === undefined ? undefined : { name })
  }
