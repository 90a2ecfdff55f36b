// What `sessions` offers to the features above it.

import type { Fact, RequestContext } from '#http'
import type { UserId } from '#kernel'
import type { ActiveSession, Credential, Credentials, SessionEnd, SessionRow } from './session.ts'

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
  readonly credentials: Credentials
}

export interface Sessions {
  /** Starts a session for the person who just proved to be them, ends the one that the browser had, sets the cookie. */
  begin(ctx: RequestContext, login: NewSession): Promise<ActiveSession>
  /** Ends the request's own session and clears the cookie. Acknowledged only when every node will refuse it. */
  end(ctx: RequestContext, reason: SessionEnd): Promise<void>
  /** Moves the idle end; the absolute end stays. */
  extend(ctx: RequestContext): Promise<ActiveSession>
  /**
   * Replaces one credential under a lock shared by all nodes: `renew` runs at most once at a time per session and
   * credential, sees the newest value, and is skipped when `isStale` says that somebody else has renewed it.
   * The new value is stored before this resolves.
   */
  renewCredential(
    ctx: RequestContext,
    name: string,
    isStale: (credential: Credential) => boolean,
    renew: (credential: Credential) => Promise<Credential>,
  ): Promise<ActiveSession>
  /** Adds or drops (undefined) a credential of the request's own session. */
  setCredential(ctx: RequestContext, name: string, credential: Credential | undefined): Promise<ActiveSession>
  list(userId: UserId): Promise<readonly SessionRow[]>
  /** @returns false if this user has no such session. */
  endByRef(userId: UserId, ref: string, reason: SessionEnd): Promise<boolean>
  endAllOf(userId: UserId, reason: SessionEnd): Promise<number>
  /** Called once on every node when a session has ended, within a second of the end. */
  onEnd(listener: (ref: string, reason: SessionEnd) => void): () => void
  /** The session of the request, once the step `loadSession` has run. */
  readonly current: Fact<ActiveSession>
  readonly attempts: LoginAttempts
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
}

