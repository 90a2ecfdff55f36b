// What we use of node-saml, as we use it. Its own declarations bring those of a browser's DOM with them for the whole
// program, so `tsconfig.json` names these instead: `fetch` and `Response` stay the runtime's everywhere.

export interface SamlSettings {
  readonly callbackUrl: string
  /** Our entity id. */
  readonly issuer: string
  readonly entryPoint: string
  /** PEM. */
  readonly idpCert: readonly string[]
  readonly generateUniqueId: () => string
  readonly identifierFormat: string | null
  readonly disableRequestedAuthnContext: boolean
  readonly forceAuthn?: boolean
  readonly signatureAlgorithm: 'sha256'
  /** PEM, to sign requests with. */
  readonly privateKey?: string
  /** PEM, to decrypt assertions with. */
  readonly decryptionPvk?: string
  readonly wantAssertionsSigned: boolean
  readonly wantAuthnResponseSigned: boolean
  readonly audience: false
  /** -1: times are not looked at. */
  readonly acceptedClockSkewMs: number
  readonly validateInResponseTo: 'never'
}

declare class SAML {
  constructor(settings: SamlSettings)
  getAuthorizeUrlAsync(relayState: string, host: undefined, options: object): Promise<string>
  validatePostResponseAsync(container: { readonly SAMLResponse: string }): Promise<{
    readonly profile: { readonly getAssertionXml?: () => string } | null
  }>
}

/** All of it in one value: of a CommonJS module that is bundled, a dynamic import finds nothing else. */
declare const library: { readonly SAML: typeof SAML }
// oxlint-disable-next-line import/no-default-export -- a CommonJS module has no other export that a bundle keeps
export default library
