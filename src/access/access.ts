// What `access` offers: who the person is to Gatehouse, and what they may do.

import type { Decision, Fact, Mount, RequestContext } from '#http'
import type { LoginIdentity } from '#identity'
import type { UserId } from '#kernel'
import type { ActiveToken, Authenticators } from './authenticator.ts'
import type { Limits } from './limits.ts'

/** Who a request is from, once `loadSession` has run. */
export interface Principal {
  readonly userId: UserId
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  /** Those that the provider says and, as `local:NAME`, those that Gatehouse keeps itself. */
  readonly groups: readonly string[]
  /** By `access.admins`, or by the role given here. */
  readonly isAdmin: boolean
  /** Nobody has approved the account yet: it may do what strangers may, and see its own state. */
  readonly isPending: boolean
}

/** Whether an administrator has let a new person in; `approved` where nobody is asked. */
export type Approval = 'approved' | 'pending' | 'refused'

/** What can be given to a person beside groups. */
export type Role = 'admin'

export interface User {
  readonly id: UserId
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  /** What the provider said at the last login; groups of Gatehouse's own are not among them. */
  readonly groups: readonly string[]
  readonly approval: Approval
  readonly createdAt: number
  readonly lastLoginAt: number
  readonly disabledAt?: number
}

export interface UserPage {
  /** The id of the last user of the page before. */
  readonly after?: string
  readonly limit?: number
}

/** Who changed an account, for the audit log. */
export interface ChangedBy {
  /** `cli`, or the id of the admin. */
  readonly actor: string
  readonly address?: string
  readonly requestId?: string
}

export interface Users {
  /** Creates or refreshes the row keyed by (provider, subject). @throws access.userDisabled, access.signUpRefused */
  admit(identity: LoginIdentity): Promise<User>
  /** By provider and subject; all of them unless a page is asked for. */
  list(page?: UserPage): Promise<readonly User[]>
  /** @param name a user id, `provider/subject`, or a username where it is unique. */
  find(name: string): Promise<User | undefined>
  /** Disabling ends the user's sessions on every node before it resolves. @throws access.userUnknown */
  setDisabled(id: UserId, disabled: boolean, by?: ChangedBy): Promise<void>
  /** As this node knows it, without asking the database; for the steps. */
  isDisabled(id: UserId): boolean
}

/** One rule of a policy as configured; `allow` entries: `group:NAME`, `user:PROVIDER/SUBJECT`, `authenticated`, `public`. */
export interface PolicyRule {
  readonly methods?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
  readonly allow: readonly string[]
}

/** A decision that also says, for a refusal, which rule decided and which entries would each have been enough. */
export type PolicyDecision =
  | Extract<Decision, { allow: true }>
  | (Extract<Decision, { allow: false }> & { readonly rule?: string; readonly missing: readonly string[] })

export interface CompiledPolicy {
  /** @param path raw segments below the mount's prefix, with a leading `/`. */
  decide(request: { readonly method: string; readonly path: string }, principal: Principal | undefined): PolicyDecision
}

export interface Access {
  readonly users: Users
  /** Whom to ask for access, as the operator wrote it. */
  readonly contact: string | undefined
  /** @param owner names the policy in reasons: the upstream's id. */
  compilePolicy(owner: string, rules: readonly PolicyRule[]): CompiledPolicy
  /** What a mount gives as its `authorize`: the policy, asked for the path below the mount's prefix. */
  authorizeBy(policy: CompiledPolicy, prefix: string): Mount['authorize']
  /** The principal of the request: from its token, or from its session. */
  principal(ctx: RequestContext): Principal | undefined
  /** Who a user is, as of the last login. @param groups instead of those of the last login. */
  principalOf(user: User, groups?: readonly string[]): Principal
  /** May the request have what the edge found for it? Undefined if it found nothing: then the answer is 404. */
  decide(ctx: RequestContext): Decision | undefined
  /** Set to speak for somebody else than the session says; `principal` prefers it. */
  readonly current: Fact<Principal>
  /** Who knows tokens; modules above add theirs. */
  readonly authenticators: Authenticators
  /** The token of the request, once the step `bearerToken` has run. */
  readonly token: Fact<ActiveToken>
  /** For who decides about a service without a mount, as `verify` does. */
  readonly serviceRefusal: Limits['serviceRefusal']
}
