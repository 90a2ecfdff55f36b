// The library that signs requests, checks signatures and decrypts; loaded when the first login needs it. Only what it has
// verified is used of its answers: what the signed bytes say is read by `assertion.ts`.

import { promisify } from 'node:util'
import type { SamlSettings } from '@node-saml/node-saml'
import type { SamlConfig } from './config.ts'
import { PERSISTENT } from './names.ts'
import { loadXmlParser, type ParseXml, XmlFault } from './xml-tree.ts'

export interface SamlRequest {
  readonly requestId: string
  readonly entityId: string
  readonly callbackUrl: string
}

export interface SamlLibrary {
  readonly parseXml: ParseXml
  /** The address that begins a login, with the request in it. */
  toLoginUrl(request: SamlRequest & { readonly mustBeFresh: boolean }, relayState: string): Promise<string>
  /** @returns the assertion as XML, exactly what its signature was over. @throws XmlFault */
  verify(request: SamlRequest, response: string): Promise<string>
  /** @param encrypted an EncryptedAssertion. @throws XmlFault */
  decrypt(encrypted: string): Promise<string>
}

export async function loadSamlLibrary(config: SamlConfig): Promise<SamlLibrary> {
  const [parseXml, { default: nodeSaml }, { default: xmlEncryption }] = await Promise.all([
    loadXmlParser(),
    import('@node-saml/node-saml'),
    import('xml-encryption'),
  ])
  const toOptions = ({ requestId, entityId, callbackUrl }: SamlRequest): SamlSettings => ({
    callbackUrl,
    issuer: entityId,
    entryPoint: config.loginUrl,
    idpCert: config.certificates,
    generateUniqueId: () => requestId,
    identifierFormat: config.subject === undefined ? PERSISTENT : null,
    disableRequestedAuthnContext: true,
    signatureAlgorithm: 'sha256',
    ...(config.signing && { privateKey: config.signing.key.reveal() }),
    ...(config.encryption && { decryptionPvk: config.encryption.key.reveal() }),
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: config.signedResponse,
    // Whom it is for, which request it answers and when it ends is ours to see, by our clock and for all nodes.
    audience: false,
    acceptedClockSkewMs: -1,
    validateInResponseTo: 'never',
  })

  return Object.freeze<SamlLibrary>({
    parseXml,
    toLoginUrl: (request, relayState) =>
      // SAML 2.0 Core §3.4.1: people show who they are, also those who are logged in there.
      new nodeSaml.SAML({ ...toOptions(request), forceAuthn: request.mustBeFresh }).getAuthorizeUrlAsync(
        relayState,
        undefined,
        {},
      ),
    async verify(request, response) {
      const container = { SAMLResponse: Buffer.from(response).toString('base64') }
      const { profile } = await new nodeSaml.SAML(toOptions(request))
        .validatePostResponseAsync(container)
        // What it says may hold what was sent.
        .catch(() => ({ profile: null }))
      const assertion = profile?.getAssertionXml?.()
      if (assertion === undefined) throw new XmlFault('the signature does not hold')
      return assertion
    },
    async decrypt(encrypted) {
      if (config.encryption === undefined) throw new XmlFault('it is encrypted, and there is no key')
      const options = { key: config.encryption.key.reveal(), disallowDecryptionWithInsecureAlgorithm: true }
      return promisify(xmlEncryption.decrypt)(encrypted, options).catch(() => {
        throw new XmlFault('it cannot be decrypted')
      })
    },
  })
}
