// What makes an OpenID provider that of a vendor, for the hostile provider of the tests: oidc-provider does the protocol,
// and stands in for the vendor with its addresses, its discovery document and its claims, as the vendor documents them.

import type { ProviderAccount } from '../../../src/cli/demo/oidc.ts'

export type Json = Record<string, unknown>

/** The addresses of oidc-provider that a vendor has elsewhere. */
export type InnerPath =
  | '/auth'
  | '/token'
  | '/me'
  | '/jwks'
  | '/token/revocation'
  | '/session/end'
  | '/token/introspection'

export interface Vendor {
  /** As the configuration names it. */
  readonly profile: 'generic' | 'keycloak' | 'gitlab' | 'cilogon'
  /** What its issuer has after the host. */
  readonly issuerPath: string
  /** Its own addresses, after the issuer. */
  readonly paths: Readonly<Partial<Record<InnerPath, string>>>
  /** What its discovery document says otherwise; undefined: nothing. */
  readonly discovery: Json
  readonly subjectOf: (username: string) => string
  /** @param claims those of oidc-provider, with issuer and subject already the vendor's */
  readonly idToken: (claims: Json, account: ProviderAccount) => Json
  readonly userinfo: (claims: Json, account: ProviderAccount) => Json
  /** What its access tokens say besides who, where they are JWTs. */
  readonly accessToken?: (account: ProviderAccount) => Json
}

export const plain: Vendor = {
  profile: 'generic',
  issuerPath: '',
  paths: {},
  discovery: {},
  subjectOf: (username) => username,
  idToken: (claims) => claims,
  userinfo: (claims) => claims,
}

/** The claims without those of these names. */
export const without = (claims: Json, ...names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)))
