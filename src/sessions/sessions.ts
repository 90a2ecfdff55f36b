// What `sessions` offers to the features above it.

import type { Fact, RequestContext } from '#http'
import type { UserId } from '#kernel'
import type { HostArrivals } from './host-arrivals.ts'
import type { OpenRequests } from './open-requests.ts'
import type { ActiveSession, Credential, Credentials, SessionEnd, SessionRow, WatchEnd } from './session.ts'
import type { OwnCookie } from './session-cookies.ts'
import type { Proven } from './session-index.ts'

export interface NewSession {
  readonly userId: UserId
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly sid?: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  readonly groups: readonly string[]
  /** Nobody has approved the account yet. */
  readonly awaitsApproval?: true
  readonly credentials: Credentials
  /** When the provider vouched for the person, on its own clock, ms since the epoch; absent if it did not say. */
  readonly provenAt?: number
  /** When the person last showed who they are, which may be long before that; absent if nobody says. */
  readonly authenticatedAt?: number
  /**
   * For clients that count on one end: it comes so long after the login, however much the session is used, unless it is
   * extended to so long from then, which never makes it earlier. The absolute end stays. Absent: as everywhere.
   */
  readonly fixedEnd?: { readonly afterMs: number; readonly extensionMs: number }
}

/** How long a session has. All in ms since the epoch on this server's clock, so that a client can do without its own. */
export interface Remaining {
  readonly now: number
  readonly idleEndsAt: number
  readonly endsAt: number
}

/** A hold on a session for as long as something of it is open. */
export interface SessionWatch {
  /** Says that the person just did something through it; moves the idle end as a request would. Cheap: call it often. */
  used(): void
  stop(): void
}

/** Who stands in for the session of a request: a token. */
export interface StandIn {
  /** Names it among sessions and others of its kind. */
  readonly ref: string
  readonly userId: UserId
  /** As `Sessions.watch` does for a session. */
  readonly watch: (ended: (reason: WatchEnd) => void) => SessionWatch
}

/**
 * What a provider's logout names: one of its own sessions, or everything that its person has. With both, the person
 * stands for what has no `sid`.
 */
export interface ProviderSession {
  readonly issuer: string
  readonly sid?: string
  readonly subject?: string
  /**
   * When the provider said so, on its own clock, ms since the epoch. Logins that it proved no later, and that are still
   * on their way, are refused then; absent, nobody looks for them.
   */
  readonly endedAt?: number
}

/** What a renewal brought. */
export interface RenewedCredential {
  readonly credential: Credential
  /** The person's groups as of now, where the provider said; the session's row takes them over. */
  readonly groups?: readonly string[]
  /** The same, asked with the new credential: called once that is stored, because its first use may end the old one. */
  readonly askGroups?: () => Promise<readonly string[] | undefined>
}

/** Who ends a session from outside, for the audit log. A request context fits. */
export interface EndedBy {
  readonly id: string
  readonly userId: string | undefined
  readonly client: { readonly address: string }
}

export interface Sessions {
  /**
   * The session that the request's cookie proves, or the name that its mount finds (`Mount.sessionName`), or undefined for
   * a stranger. Synchronous while what this node
   * remembers can be believed; otherwise one read. Does not count as a use: that is `used`.
   * @throws storage.unavailable rather than take a person for a stranger.
   */
  load(ctx: RequestContext): ActiveSession | undefined | Promise<ActiveSession | undefined>
  /** Counts the request as a use of its session. The store hears of it at most once a minute, and nobody waits. */
  used(ctx: RequestContext): void
  /**
   * Starts a session for the person who just proved to be them, ends the one that the request had, sets the cookie.
   * @param how the compact name of the session, for features that carry it themselves: the cookie stays as it is
   * @throws session.expired if the provider has announced the end of what it proved meanwhile
   * @throws session.nameTaken if the name is, or was, another session's; then nothing has changed
   */
  begin(ctx: RequestContext, login: NewSession, how?: { readonly name: string }): Promise<ActiveSession>
  /** Ends the request's own session and clears the cookie, if that is what named it. Once this resolves no failover undoes it. */
  end(ctx: RequestContext, reason: SessionEnd): Promise<void>
  /** Whether the request names a session that could not be read: it can be ended, and nobody knows what it held. */
  isUnread(ctx: RequestContext): boolean
  /** Moves the idle end; the absolute end stays. */
  extend(ctx: RequestContext): Promise<ActiveSession>
  /** How long the session has; asking does not extend it. */
  remaining(session: ActiveSession): Remaining
  /**
   * Replaces one credential under a lock shared by all nodes: `renew` runs at most once at a time per session and
   * credential, sees the newest value, and is skipped when `isStale` says that somebody else has renewed it.
   * The new value is stored before this resolves. If the credential is gone, the session is returned as it is.
   */
  renewCredential(
    ctx: RequestContext,
    name: string,
    isStale: (credential: Credential) => boolean,
    renew: (credential: Credential) => Promise<RenewedCredential>,
  ): Promise<ActiveSession>
  /**
   * Adds or drops (undefined) a credential of the request's own session.
   * @param account whose credential it is, so that a logout at its provider finds it
   * @throws session.expired also if the provider has announced such a logout since it proved the account
   */
  setCredential(
    ctx: RequestContext,
    name: string,
    credential: Credential | undefined,
    account?: Proven,
  ): Promise<ActiveSession>
  list(userId: UserId): Promise<readonly SessionRow[]>
  /** A session that is alive, by its reference, whosever it is. */
  find(ref: string): Promise<SessionRow | undefined>
  /** @returns false if this user has no such session. */
  endByRef(userId: UserId, ref: string, reason: SessionEnd, by?: EndedBy): Promise<boolean>
  /** @returns how many sessions were alive. */
  endAllOf(userId: UserId, reason: SessionEnd, by?: EndedBy): Promise<number>
  /** For a logout that the provider announces. @returns how many sessions were alive. */
  endAllAt(provider: ProviderSession, reason: SessionEnd, by?: EndedBy): Promise<number>
  /** The same for accounts that were connected: their credentials go, the sessions stay. @returns how many there were. */
  disconnectAllAt(provider: ProviderSession, by?: EndedBy): Promise<number>
  /**
   * Calls back once, within a second, when the request's session has ended: on whichever node, or by time; also when
   * the person has lost a group, or a credential that the service asked for uses. For what stays open; keep what it
   * returns, not the context. Undefined if the request has no session.
   */
  watch(ctx: RequestContext, ended: (reason: WatchEnd) => void): SessionWatch | undefined
  /**
   * The request says itself who it is from: from here on it has no session, and what it opens is held and watched in the
   * name of who stands in.
   */
  standIn(ctx: RequestContext, standIn: StandIn): void
  /** In whose name the request opens what it opens: its session, or what stands in for one. */
  holder(ctx: RequestContext): Pick<StandIn, 'ref' | 'userId'> | undefined
  /** Requests that end with their session; the edge says when one is over. */
  readonly openRequests: OpenRequests
  /** Says on this node that the person has lost groups which no session holds: what they have open here ends. */
  loseGroups(userId: UserId): void
  /** Called once on every node that knows the session (in use within minutes, or watched), within a second of its end. */
  onEnd(listener: (ref: string, reason: SessionEnd) => void): () => void
  /**
   * The session of the request, once the step `loadSession` has run. On a host of its own it holds, of the credentials,
   * those that the service asked for uses.
   */
  readonly current: Fact<ActiveSession>
  readonly attempts: LoginAttempts
  readonly hosts: HostArrivals
  /** The cookies that are ours: nothing behind the door may see them. */
  readonly cookieNames: readonly string[]
  /** A cookie of a feature above, named as ours are; its name begins so that nothing behind the door ever sees it. */
  cookie(part: string): OwnCookie
}

/** State of one login at a provider that redirects; bound to the browser by a cookie of its own. Lives ten minutes. */
export interface LoginAttempt {
  readonly provider: string
  readonly purpose: 'login' | 'connect'
  /** A path of ours to land on. */
  readonly returnTo: string
  /** The provider driver's own values: nonce, PKCE verifier … Sealed at rest. */
  readonly data: Readonly<Record<string, string>>
}

export interface LoginAttempts {
  /** Keeps the attempt and binds it to this browser (sets its cookie). @returns the `state` to send along. */
  begin(ctx: RequestContext, attempt: LoginAttempt): Promise<string>
  /** Takes the attempt out, once. undefined if unknown, used, expired, or begun in another browser. */
  take(ctx: RequestContext, state: string): Promise<LoginAttempt | undefined>
  /** Whether some browser has begun it and has not come back. Tells nobody whose it is. */
  isUnderWay(state: string): Promise<boolean>
}
