// What `access` offers: who the person is to Gatehouse, and what they may do.

import type { Decision, Fact, RequestContext } from '#http'
import type { LoginIdentity } from '#identity'
import type { UserId } from '#kernel'

/** Who a request is from, once `loadSession` has run. */
export interface Principal {
  readonly userId: UserId
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  readonly groups: readonly string[]
  readonly isAdmin: boolean
}

export interface User {
  readonly id: UserId
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  readonly groups: readonly string[]
  readonly createdAt: number
  readonly lastLoginAt: number
  readonly disabledAt?: number
}

export interface Users {
  /** Creates or refreshes the row keyed by (provider, subject). @throws access.userDisabled */
  admit(identity: LoginIdentity): Promise<User>
  list(): Promise<readonly User[]>
  /** @param name a user id, `provider/subject`, or a username where it is unique. */
  find(name: string): Promise<User | undefined>
  setDisabled(id: UserId, disabled: boolean): Promise<void>
}

/** One rule of a policy as configured; `allow` entries as DESIGN has them: `group:NAME`, `user:PROVIDER/SUBJECT`, `authenticated`, `public`. */
export interface PolicyRule {
  readonly methods?: readonly string[]
  readonly paths?: readonly string[]
  readonly allow: readonly string[]
}

export interface CompiledPolicy {
  /** @param path raw segments below the mount's prefix, with a leading `/`. */
  decide(request: { readonly method: string; readonly path: string }, principal: Principal | undefined): Decision
}

export interface Access {
  readonly users: Users
  /** @param owner names the policy in reasons: the upstream's id. */
  compilePolicy(owner: string, rules: readonly PolicyRule[]): CompiledPolicy
  /** The principal of the request: from its session (later: from a token). */
  principal(ctx: RequestContext): Principal | undefined
  readonly current: Fact<Principal>
}
