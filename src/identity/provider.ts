// The identity provider kind: answers who a person is and which credential it got for them.
// Drivers live in `drivers/`; every one passes `provider.contract.ts`. No type of a driver's library appears here.

import type { Clock } from '#kernel'
import type { Credential } from '#sessions'
import type { Storage } from '#storage'
import type { Logger } from '#telemetry'
import type { LoginIdentity } from './ports.ts'

/** What a provider proved about a person. */
export interface Proof {
  readonly identity: LoginIdentity
  /** Kept in the session under the provider's id. */
  readonly credential?: Credential
  /**
   * When the person last showed who they are, on the provider's clock, ms since the epoch: not when it vouched for them
   * again. Absent if nobody says; then the login never counts as recent. Of a password that was typed here, the flow knows.
   */
  readonly authenticatedAt?: number
}

/** What a refresh brought. */
export interface Renewal {
  readonly credential: Credential
  /** The person's groups as of now, normalised like those of the login; absent if the provider said nothing of them. */
  readonly groups?: readonly string[]
  /**
   * Where they can only be had with the new credential: called once it is stored, because its first use may end the old one.
   * @returns undefined if nobody could be asked
   * @throws login.refreshRefused
   */
  readonly askGroups?: () => Promise<readonly string[] | undefined>
}

/** What a provider's own logout names (OpenID Connect Back-Channel Logout 1.0): at least one of the two. */
export interface AnnouncedLogout {
  readonly issuer: string
  /** What the issuer was called before it moved: sessions that began then are kept by that name. */
  readonly formerIssuers: readonly string[]
  readonly sid?: string
  readonly subject?: string
  /** Unique to the announcement, for as long as it could be sent again. */
  readonly id: string
  /** When it was said, on the provider's clock, ms since the epoch. */
  readonly issuedAt: number
  /** When it stops being believed, ms since the epoch. */
  readonly endsAt: number
}

interface ProviderBase {
  readonly id: string
  readonly type: string
  /** On the login page. */
  readonly label: string
  /** Whether a login yields a credential: only then can the provider be connected to a session of another one. */
  readonly yieldsCredential: boolean
  /** Headers in which a server in front says who a person is: nothing of them reaches a service. */
  readonly frontHeaders?: readonly string[]
  /** Begins to read what the provider publishes. Returns at once; failures go to the log and are tried again. */
  readonly start?: () => void
  /**
   * A new value for a credential that is about to end.
   * @param subject whose it is, as this provider proved it
   * @throws login.refreshRefused when the provider says no for good; anything else means that it could not be asked.
   */
  readonly refresh?: (credential: Credential, subject: string) => Promise<Renewal>
  /** How long before its end a credential is to be renewed, where a minute is too much of its life. */
  readonly renewAheadMs?: () => number
  /** By how much its clock is ahead of ours, where what it says holds by its clock; undefined until it has said. */
  readonly clockAheadMs?: () => number | undefined
  /** Where to send the browser so that the provider's session ends too; it comes back to `returnTo` with the state. */
  readonly logoutUrl?: (
    credential: Credential | undefined,
    way: { readonly returnTo: string; readonly state: string },
  ) => Promise<string | undefined>
  /**
   * Checks a logout that the provider announces without the browser.
   * @throws logout.tokenRefused, login.providerUnavailable if its keys cannot be had
   */
  readonly readLogout?: (logoutToken: string) => Promise<AnnouncedLogout>
  /** Tells the provider that the credential is no longer used; failures are logged by the caller. */
  readonly revoke?: (credential: Credential) => Promise<void>
}

/** Checks a name and a password itself. */
export interface PasswordProvider extends ProviderBase {
  readonly kind: 'password'
  /** @throws login.providerUnavailable */
  readonly verify: (form: PasswordForm) => Promise<Verification>
}

export interface PasswordForm {
  readonly username: string
  readonly password: string
  /** The second factor, where the provider asked for one. */
  readonly otp?: string
  /** The browser's address, for providers that restrict where from. */
  readonly clientAddress: string
}

export type Verification =
  | { readonly kind: 'proven'; readonly proof: Proof }
  | {
      readonly kind: 'refused'
      /** For the log and the audit: a word of a small closed set. */
      readonly reason: string
      /** For the person, only where the provider tells it to those who know the password. */
      readonly notice?: string
    }
  /** The password is right, but a second factor is needed. */
  | { readonly kind: 'otp-required' }

/** Sends the browser elsewhere and proves the person from what comes back. */
export interface RedirectProvider extends ProviderBase {
  readonly kind: 'redirect'
  /** The fields of the form by which its answer comes from a page of another site; absent: it comes in the address. */
  readonly answerForm?: { readonly state: string; readonly answer: string }
  /** What the provider is to know of us, as a SAML metadata document. */
  readonly metadata?: () => string
  /** Whether people can be made to show who they are once more (`mustBeFresh`), and the answer says when they did. */
  readonly canBeFresh: boolean
  /** @throws login.providerUnavailable */
  readonly begin: (request: LoginRequest) => Promise<BegunLogin>
  /** @throws login.cancelled, login.notProven, login.providerUnavailable */
  readonly complete: (callback: Callback, data: Readonly<Record<string, string>>, state: string) => Promise<Proof>
}

export interface LoginRequest {
  readonly redirectUri: string
  /** The person is to be asked who they are, also where they are logged in at the provider. The flow checks that it was so. */
  readonly mustBeFresh?: boolean
}

/** What the browser brought back from the provider. */
export interface Callback {
  /** The full URL of the callback as the provider was told, with the query that came. */
  readonly url: URL
  /** As the request had them, spellings and repetitions included: name, value, name, value … */
  readonly rawHeaders: readonly string[]
  /** The other end of the connection: an address, or `unix` for a local socket. Nothing that a header says. */
  readonly peer: string
  /** The field `answer` of the form, where the answer came by one. */
  readonly answer?: string | undefined
}

export interface BegunLogin {
  /** Builds the URL once the state is known. */
  readonly urlFor: (state: string) => string | Promise<string>
  /** What to keep for `complete`. */
  readonly data: Readonly<Record<string, string>>
}

export type IdentityProvider = PasswordProvider | RedirectProvider

/** What a driver is created with. */
export interface DriverDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly storage: Pick<Storage, 'sql' | 'keyValue'>
  /** Full URLs of paths of ours. */
  readonly urlTo: (path: string) => string
}

/** A driver: the type it answers to in the configuration, the schema of its entry, and how to make a provider of one. */
export interface ProviderDriver<Type extends string, Schema, Config> {
  readonly type: Type
  readonly config: Schema
  readonly create: (config: Config, deps: DriverDeps) => IdentityProvider
}

/** @example export const ldap = defineDriver({ type: 'ldap', config: ldapConfig, create: createLdapProvider }) */
export const defineDriver = <const Type extends string, Schema, Config>(
  driver: ProviderDriver<Type, Schema, Config>,
): ProviderDriver<Type, Schema, Config> => Object.freeze(driver)
