// The names that SAML 2.0 and XML Signature give to things. Data only.

export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata'
export const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#'
export const ENCRYPTION = 'http://www.w3.org/2001/04/xmlenc#'

export const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
export const POST_BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
/** The only form of a NameID that stays and is given to nobody else (SAML 2.0 Core §8.3.7). */
export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/** Without SHA-1, and without keys that both sides know. */
export const SIGNATURE_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
])
export const DIGEST_METHODS: ReadonlySet<string> = new Set([`${ENCRYPTION}sha256`, `${ENCRYPTION}sha512`])

export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const ENVELOPED = `${SIGNATURE}enveloped-signature`

/** With a tag that shows whether the text was changed. */
export const CONTENT_CIPHERS: readonly string[] = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
]
/** How the key of the text is encrypted. RSA 1.5 lets whoever asks often enough decrypt it. */
export const KEY_CIPHERS: readonly string[] = [`${ENCRYPTION}rsa-oaep-mgf1p`]
