// What an identity provider is to know of us (SAML 2.0 Metadata §2.4.4).

import { CONTENT_CIPHERS, KEY_CIPHERS, METADATA, PERSISTENT, POST_BINDING, PROTOCOL, SIGNATURE } from './names.ts'
import { escapeXml } from './xml-tree.ts'

export interface ServiceDescription {
  readonly entityId: string
  readonly callbackUrl: string
  /** Certificates, PEM. */
  readonly signing: string | undefined
  readonly encryption: string | undefined
  /** Whether people are named by a NameID. */
  readonly isNamed: boolean
}

export function toMetadata({ entityId, callbackUrl, signing, encryption, isNamed }: ServiceDescription): string {
  const methods = [...CONTENT_CIPHERS, ...KEY_CIPHERS].map(
    (name) => `<md:EncryptionMethod Algorithm="${escapeXml(name)}"/>`,
  )
  const keys = [
    ...(signing === undefined ? [] : [toKey('signing', signing, '')]),
    ...(encryption === undefined ? [] : [toKey('encryption', encryption, methods.join(''))]),
  ]
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<md:EntityDescriptor xmlns:md="${METADATA}" xmlns:ds="${SIGNATURE}" entityID="${escapeXml(entityId)}">` +
    `<md:SPSSODescriptor protocolSupportEnumeration="${PROTOCOL}" ` +
    `AuthnRequestsSigned="${signing !== undefined}" WantAssertionsSigned="true">` +
    keys.join('') +
    (isNamed ? `<md:NameIDFormat>${PERSISTENT}</md:NameIDFormat>` : '') +
    `<md:AssertionConsumerService Binding="${POST_BINDING}" Location="${escapeXml(callbackUrl)}" index="0" isDefault="true"/>` +
    `</md:SPSSODescriptor></md:EntityDescriptor>\n`
  )
}

const toKey = (use: string, pem: string, methods: string): string =>
  `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${toBase64(pem)}` +
  `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods}</md:KeyDescriptor>`

/** Of the first certificate. */
const toBase64 = (pem: string): string =>
  (/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem)?.[1] ?? '').replace(/\s/g, '')
