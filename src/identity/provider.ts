// The identity provider kind: answers who a person is and which credential it got for them.
// Drivers live in `drivers/`; every one passes `provider.contract.ts`.

import type { LoginIdentity } from './ports.ts'
import type { Credential } from '#sessions'

/** What a provider proved about a person. */
export interface Proof {
  readonly identity: LoginIdentity
  /** Kept in the session under the provider's id. */
  readonly credential?: Credential
}

interface ProviderBase {
  readonly id: string
  readonly type: string
  /** On the login page. */
  readonly label: string
  /** Reads what the provider publishes (discovery) or checks that it answers; errors end in the log, not the start. */
  readonly start?: () => Promise<void>
  /** A new value for a credential that is about to end. @throws identity.refreshRefused when the provider says no for good. */
  readonly refresh?: (credential: Credential) => Promise<Credential>
  /** Where to send the browser so that the provider's session ends too. */
  readonly logoutUrl?: (credential: Credential | undefined, returnTo: string) => Promise<string | undefined>
  /** Tells the provider that the credential is no longer used; failures are logged by the caller. */
  readonly revoke?: (credential: Credential) => Promise<void>
}

/** Checks a name and a password itself. */
export interface PasswordProvider extends ProviderBase {
  readonly kind: 'password'
  /** @param otp a second factor where the provider asked for one. */
  readonly verify: (form: { readonly username: string; readonly password: string; readonly otp?: string }) => Promise<Proof>
}

/** Sends the browser elsewhere and proves the person from what comes back. */
export interface RedirectProvider extends ProviderBase {
  readonly kind: 'redirect'
  /** @param state to be sent along and come back. @returns where to send the browser, and what to keep for `complete`. */
  readonly begin: (request: { readonly redirectUri: string; readonly loginHint?: string }) => Promise<BegunLogin>
  /** @param callbackUrl the full URL of the callback as the provider was told, with its query. */
  readonly complete: (callbackUrl: URL, data: Readonly<Record<string, string>>, state: string) => Promise<Proof>
}

export interface BegunLogin {
  /** Builds the URL once the state is known. */
  readonly urlFor: (state: string) => string
  readonly data: Readonly<Record<string, string>>
}

export type IdentityProvider = PasswordProvider | RedirectProvider
