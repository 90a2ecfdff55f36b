// The shape of a response before anybody looks at its signatures: one assertion, where it belongs, each signature over the
// element that it stands in and by a method that is good today. What wraps a signed assertion into another message, or
// hides a second one, has another shape.

import {
  CONTENT_CIPHERS,
  DIGEST_METHODS,
  ENCRYPTION,
  ENVELOPED,
  EXCLUSIVE_C14N,
  KEY_CIPHERS,
  PROTOCOL,
  SAML,
  SIGNATURE,
  SIGNATURE_METHODS,
  SUCCESS,
} from './names.ts'
import { childrenNamed, withDescendants, type XmlElement, XmlFault } from './xml-tree.ts'

/** The identity provider says that nobody has logged in. */
export class NotLoggedIn extends XmlFault {}

/** What a response must say that is meant for us. */
export interface Expected {
  /** Of the identity provider. */
  readonly issuer: string
  /** Where it is sent to: the address of our callback. */
  readonly callbackUrl: string
  readonly requestId: string
  readonly isResponseSigned: boolean
}

/** @returns the assertion, or what it is encrypted in. @throws XmlFault */
export function checkResponse(response: XmlElement, expected: Expected): XmlElement {
  demand(isNamed(response, PROTOCOL, 'Response'), 'it is no response')
  demand(response.attributes.get('Version') === '2.0', 'the version is another one')
  const issuers = childrenNamed(response, SAML, 'Issuer')
  demand(issuers.length <= 1 && issuers.every(({ text }) => text === expected.issuer), 'the issuer is another one')
  demand(response.attributes.get('InResponseTo') === expected.requestId, 'it answers another request')
  const destination = response.attributes.get('Destination')
  // SAML 2.0 Bindings §3.5.5.2: a signed message says where it is sent.
  const needsNone = destination === undefined && !expected.isResponseSigned
  demand(needsNone || destination === expected.callbackUrl, 'the destination is another one')
  const [status, ...otherStatus] = childrenNamed(response, PROTOCOL, 'Status')
  const [code] = status === undefined ? [] : childrenNamed(status, PROTOCOL, 'StatusCode')
  demand(code !== undefined && otherStatus.length === 0, 'there is no status')
  if (code?.attributes.get('Value') !== SUCCESS) throw new NotLoggedIn('the status is no success')

  const all = withDescendants(response)
  const isAssertion = (element: XmlElement) => isNamed(element, SAML, 'Assertion')
  const isEncrypted = (element: XmlElement) => isNamed(element, SAML, 'EncryptedAssertion')
  const [assertion, ...others] = all.filter((element) => isAssertion(element) || isEncrypted(element))
  if (assertion === undefined || others.length > 0) throw new XmlFault('there is not one assertion')
  demand(response.children.includes(assertion), 'the assertion is in another place')
  checkSignatures(all, isAssertion(assertion) ? [response, assertion] : [response])
  if (isEncrypted(assertion)) checkCiphers(assertion)
  return assertion
}

/** Of an assertion that was encrypted. @throws XmlFault */
export function checkDecrypted(assertion: XmlElement): void {
  demand(isNamed(assertion, SAML, 'Assertion'), 'what was encrypted is no assertion')
  const all = withDescendants(assertion)
  demand(all.filter((element) => isNamed(element, SAML, 'Assertion')).length === 1, 'there is not one assertion')
  checkSignatures(all, [assertion])
}

/** @param signable the elements that may hold a signature, over themselves */
function checkSignatures(all: readonly XmlElement[], signable: readonly XmlElement[]): void {
  const ids = all.flatMap((element) => element.ids)
  demand(new Set(ids).size === ids.length, 'two elements have one id')
  const found = all.filter((element) => isNamed(element, SIGNATURE, 'Signature'))
  const placed = signable.flatMap((element) => childrenNamed(element, SIGNATURE, 'Signature'))
  demand(found.length === placed.length, 'a signature is in another place')
  for (const element of signable) {
    const signatures = childrenNamed(element, SIGNATURE, 'Signature')
    demand(signatures.length <= 1, 'an element is signed twice')
    for (const signature of signatures) checkSignature(signature, element.attributes.get('ID'))
  }
}

function checkSignature(signature: XmlElement, id: string | undefined): void {
  const signedInfo = one(signature, 'SignedInfo')
  const reference = one(signedInfo, 'Reference')
  demand(id !== undefined && id !== '' && reference.attributes.get('URI') === `#${id}`, 'it signs another element')
  demand(methodOf(signedInfo, 'CanonicalizationMethod') === EXCLUSIVE_C14N, 'the canonical form is another one')
  demand(SIGNATURE_METHODS.has(methodOf(signedInfo, 'SignatureMethod')), 'the signature’s method is not accepted')
  demand(DIGEST_METHODS.has(methodOf(reference, 'DigestMethod')), 'the digest’s method is not accepted')
  const transforms = childrenNamed(one(reference, 'Transforms'), SIGNATURE, 'Transform')
  const names = transforms.map(({ attributes }) => attributes.get('Algorithm'))
  demand(names.join() === [ENVELOPED, EXCLUSIVE_C14N].join(), 'the signed form is another one')
  demand(childrenNamed(signature, SIGNATURE, 'Object').length === 0, 'the signature brings content of its own')
}

function checkCiphers(encrypted: XmlElement): void {
  const all = withDescendants(encrypted)
  const data = all.filter((element) => isNamed(element, ENCRYPTION, 'EncryptedData'))
  const keys = all.filter((element) => isNamed(element, ENCRYPTION, 'EncryptedKey'))
  demand(data.length === 1 && keys.length === 1, 'there is not one encrypted text with one key')
  const cipherOf = (element: XmlElement) =>
    childrenNamed(element, ENCRYPTION, 'EncryptionMethod').map(({ attributes }) => attributes.get('Algorithm') ?? '')
  const isGood = (elements: readonly XmlElement[], ciphers: readonly string[]) =>
    elements.flatMap(cipherOf).every((cipher) => ciphers.includes(cipher)) && elements.flatMap(cipherOf).length === 1
  demand(isGood(data, CONTENT_CIPHERS), 'the text’s encryption is not accepted')
  demand(isGood(keys, KEY_CIPHERS), 'the key’s encryption is not accepted')
}

function one(element: XmlElement, name: string): XmlElement {
  const [first, ...others] = childrenNamed(element, SIGNATURE, name)
  if (first === undefined || others.length > 0) throw new XmlFault(`a signature has not one ${name}`)
  return first
}

const methodOf = (element: XmlElement, name: string): string => one(element, name).attributes.get('Algorithm') ?? ''

const isNamed = (element: XmlElement, namespace: string, name: string): boolean =>
  element.namespace === namespace && element.name === name

function demand(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new XmlFault(otherwise)
}
