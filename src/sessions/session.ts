// The data of a session, as other features see it.

import type { Secret, UserId } from '#kernel'

/** The part that the server can read without the cookie: who, since when, until when. Times in ms since the epoch. */
export interface SessionRow {
  /** Names the session to its owner and to admins; no use as a credential. */
  readonly ref: string
  readonly userId: UserId
  /** The provider of the login: the principal's provider. */
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  /** The provider's own session id, for its back-channel logout. */
  readonly sid?: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  /** As the provider's profile normalised them. */
  readonly groups: readonly string[]
  /** When it began nobody had approved the account: it counts for nothing until the approval is known. */
  readonly awaitsApproval?: true
  readonly createdAt: number
  /** When the person last showed who they are, as far as anybody says: no later than `createdAt`, often before. */
  readonly authenticatedAt?: number
  readonly lastSeenAt: number
  /** Ends here unless seen again, or extended where `extensionMs` is given. */
  readonly idleEndsAt: number
  /** Ends here whatever happens. */
  readonly endsAt: number
  readonly address: string
  readonly userAgent: string
  /** If given, use does not move the idle end, and extending moves it to so many ms from then, never to an earlier time. */
  readonly extensionMs?: number
  /** Accounts at other providers whose credentials the session holds too; absent if there is none. */
  readonly connected?: readonly ConnectedAccount[]
  readonly version: 1
}

/** Whose credential was added to a session, so that a logout at that provider finds it. */
export interface ConnectedAccount {
  /** Random: names this connection and no later one. */
  readonly id: string
  /** The provider's id, under which the credential is kept. */
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly sid?: string
  /** When it was connected, ms since the epoch; absent in sessions from before this was written down. */
  readonly connectedAt?: number
}

/** What a provider got for a person, by provider id. Sealed at rest; never sent to a browser. */
export type Credential =
  | {
      readonly kind: 'keypair'
      readonly accessKey: string
      readonly secretKey: Secret
      readonly role: string
      /** Of the account, in the provider's words: `active`. */
      readonly status?: string
    }
  | {
      readonly kind: 'oauth'
      readonly accessToken: Secret
      readonly refreshToken?: Secret
      readonly idToken?: Secret
      /** When the access token ends, ms since the epoch; absent if the provider did not say. */
      readonly expiresAt?: number
      readonly scope?: string
    }
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret }

export type Credentials = Readonly<Record<string, Credential>>

/** A session that a request proved to hold. */
export interface ActiveSession {
  readonly row: SessionRow
  readonly credentials: Credentials
}

export type SessionEnd = 'logout' | 'revoked' | 'disabled' | 'expired' | 'replaced' | 'provider-logout'

/**
 * Why what is open must close: the session is over, the person has lost groups with which it was allowed, or the account
 * whose credential it was opened with is connected no more.
 */
export type WatchEnd = SessionEnd | 'groups-lost' | 'disconnected'
