// What `access` offers: who the person is to Gatehouse, and what they may do.

import type { Decision, Fact, Mount, RequestContext } from '#http'
import type { LoginIdentity } from '#identity'
import type { UserId } from '#kernel'
import type { ActiveToken, Authenticators } from './authenticator.ts'
import type { ChosenLanguages } from './chosen-languages.ts'
import type { HeardGroups } from './heard-groups-store.ts'
import type { Limits } from './limits.ts'
import type { Recipients } from './recipients.ts'

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
export const ROLES = ['admin'] as const
export type Role = (typeof ROLES)[number]

export interface User {
  readonly id: UserId
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  /** What the provider said last, at a login or a refresh; groups of Gatehouse's own are not among them. */
  readonly groups: readonly string[]
  readonly approval: Approval
  readonly createdAt: number
  readonly lastLoginAt: number
  readonly disabledAt?: number
}

export interface UserPage {
  /** The id of the last one of the page before. */
  readonly after?: string
  readonly limit?: number
}

/** Of users, in lists: `active` is whoever may come in. */
export const USER_STATES = ['active', 'pending', 'refused', 'disabled'] as const
export type UserState = (typeof USER_STATES)[number]

export interface UserQuery extends UserPage {
  /** Part of a name, an e-mail address or a subject, whatever the case. */
  readonly search?: string
  readonly state?: UserState
}

export interface LastLoginQuery {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly upTo?: Pick<User, 'lastLoginAt'> & { readonly id: string }
  readonly limit: number
}

/** Who changed an account, for the audit log. */
export interface ChangedBy {
  /** `cli`, `config` where a setting decided, or the id of the admin. */
  readonly actor: string
  readonly address?: string
  readonly requestId?: string
}

export interface Users {
  /** Creates or refreshes the row keyed by (provider, subject). @throws access.userDisabled, access.signUpRefused, access.otherIssuer */
  admit(identity: LoginIdentity): Promise<User>
  /**
   * What the provider says since the login, unless it has been asked later and has answered that already; groups of
   * Gatehouse's own are left out. @throws access.userUnknown
   */
  setGroups(id: UserId, heard: HeardGroups): Promise<void>
  /** By provider and subject; all of them unless a page is asked for. */
  list(query?: UserQuery): Promise<readonly User[]>
  /** Who has logged in since then, the last one first. @param upTo that one and those before them */
  byLastLogin(query: LastLoginQuery): Promise<readonly User[]>
  /** By id alone: it is never taken for a username. @throws access.userUnknown */
  get(id: string): Promise<User>
  /** The same, where nobody may have it any more. */
  findById(id: string): Promise<User | undefined>
  /** For what a person types. @param name a user id, `provider/subject`, or a username where it is unique. */
  find(name: string): Promise<User | undefined>
  /** Disabling ends the user's sessions on every node before it resolves. @throws access.userUnknown */
  setDisabled(id: UserId, disabled: boolean, by?: ChangedBy): Promise<void>
  /** Lets in whoever waits or was refused, and writes to them. @throws access.userUnknown */
  approve(id: UserId, by?: ChangedBy): Promise<void>
  /** Keeps out whoever waits, ends their sessions everywhere, and writes to them. @throws access.userUnknown, access.notPending */
  refuse(id: UserId, by?: ChangedBy): Promise<void>
  /** Gives and takes until the person has exactly these. @throws access.userUnknown */
  setRoles(id: UserId, roles: readonly Role[], by?: ChangedBy): Promise<void>
  /** As this node knows it, without asking the database; whoever was refused counts too. For the steps. */
  isDisabled(id: UserId): boolean
  /** The same: what was given to the person here. */
  rolesOf(id: UserId): readonly Role[]
  /** The same: the groups of Gatehouse's own that the person is in, by name. */
  localGroupsOf(id: UserId): readonly string[]
}

/** A group that Gatehouse keeps itself; `group:local:NAME` in policies. */
export interface LocalGroup {
  readonly name: string
  readonly description: string
  readonly createdAt: number
  readonly memberCount: number
}

export interface LocalGroups {
  /** By name. */
  list(): Promise<readonly LocalGroup[]>
  find(name: string): Promise<LocalGroup | undefined>
  /** By provider and subject. @throws access.groupUnknown */
  members(name: string, page?: UserPage): Promise<readonly User[]>
  /** @throws access.groupNameUnusable, access.groupExists */
  create(group: { readonly name: string; readonly description?: string }, by?: ChangedBy): Promise<LocalGroup>
  /** With everybody's membership. @throws access.groupUnknown */
  delete(name: string, by?: ChangedBy): Promise<void>
  /** Does nothing if the person is in it. @throws access.groupUnknown, access.userUnknown */
  add(name: string, id: UserId, by?: ChangedBy): Promise<void>
  /** Does nothing if the person is not in it. What they have open ends within a second. @throws access.groupUnknown, access.userUnknown */
  remove(name: string, id: UserId, by?: ChangedBy): Promise<void>
}

/** One rule of a policy as configured; `allow` entries: `group:NAME`, `user:PROVIDER/SUBJECT`, `authenticated`, `public`. */
export interface PolicyRule {
  readonly methods?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
  readonly allow: readonly string[]
  /** Where it stands in the configuration, for administrators: `upstreams[0].rules[1]`. */
  readonly place?: string
}

/** A decision that also says where its rule stands and, for a refusal, which rule decided and which entries would each have been enough. */
export type PolicyDecision = { readonly place?: string } & (
  | Extract<Decision, { allow: true }>
  | (Extract<Decision, { allow: false }> & { readonly rule?: string; readonly missing: readonly string[] })
)

export interface CompiledPolicy {
  /** @param path raw segments below the mount's prefix, with a leading `/`. */
  decide(request: { readonly method: string; readonly path: string }, principal: Principal | undefined): PolicyDecision
}

export interface Access {
  readonly users: Users
  readonly groups: LocalGroups
  /** Whom to ask for access, as the operator wrote it. */
  readonly contact: string | undefined
  /** @param owner names the policy in reasons: the upstream's id. */
  compilePolicy(owner: string, rules: readonly PolicyRule[]): CompiledPolicy
  /** What a mount gives as its `authorize`: the policy, asked for the path below the mount's prefix. */
  authorizeBy(policy: CompiledPolicy, prefix: string): Mount['authorize']
  /** The principal of the request: from its token, or from its session. */
  principal(ctx: RequestContext): Principal | undefined
  /** Who a user is, by what was heard of them last. @param groups instead of what the provider said then, as they are. */
  principalOf(user: User, groups?: readonly string[]): Principal
  /** May the request have what the edge found for it? Undefined if it found nothing: then the answer is 404. */
  decide(ctx: RequestContext): Decision | undefined
  /** From here on the request is a stranger's. */
  forget(ctx: RequestContext): void
  /** Reads what nodes keep in memory about people; for commands, which start nothing. */
  reload(): Promise<void>
  /** Set to speak for somebody else than the session says; `principal` prefers it. */
  readonly current: Fact<Principal>
  /** Who knows tokens; modules above add theirs. */
  readonly authenticators: Authenticators
  /** In which language to write to whom; the module above that keeps them says so. */
  readonly languages: ChosenLanguages
  /** For mails of the modules above. */
  readonly recipients: Recipients
  /** The token of the request, once the step `bearerToken` has run. */
  readonly token: Fact<ActiveToken>
  /** For who decides about a service without a mount, as `verify` does. */
  readonly serviceRefusal: Limits['serviceRefusal']
}
