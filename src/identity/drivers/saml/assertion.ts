// What an assertion says, out of the very bytes whose signature was checked: that it is by whom, for whom, about which
// request and until when; then who the person is.

import { parseInstant } from '../instant.ts'
import { BEARER, SAML } from './names.ts'
import { childrenNamed, type XmlElement, XmlFault } from './xml-tree.ts'

export interface Assertion {
  /** Unique at its issuer. */
  readonly id: string
  /** When it was made, on the issuer's clock, ms since the epoch. */
  readonly issuedAt: number
  /** When it is believed no more, leeway included, ms since the epoch. */
  readonly endsAt: number
  readonly nameId: NameId | undefined
  /** When the person showed there who they are, on the issuer's clock, ms since the epoch; undefined if it is not said. */
  readonly authenticatedAt: number | undefined
  /** The issuer's name for the login. */
  readonly sessionIndex: string | undefined
  /** Values by name, in order; empty and structured ones are left out. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

/** SAML 2.0 Core §2.2.2. */
export interface NameId {
  readonly format: string | undefined
  /** The provider and the service for which the text is unique; empty: the issuer, and us. */
  readonly nameQualifier: string
  readonly spNameQualifier: string
  readonly text: string
}

export interface Recipient {
  /** Of the identity provider. */
  readonly issuer: string
  /** Our entity id. */
  readonly audience: string
  readonly callbackUrl: string
  readonly requestId: string
  readonly nowMs: number
}

const LEEWAY_MS = 60_000

/** @throws XmlFault */
export function readAssertion(assertion: XmlElement, recipient: Recipient): Assertion {
  const { nowMs } = recipient
  demand(single(assertion, 'Issuer').text === recipient.issuer, 'the assertion’s issuer is another one')
  const issuedAt = timeOf(assertion, 'IssueInstant')
  demand(issuedAt !== undefined && issuedAt <= nowMs + LEEWAY_MS, 'the assertion is from the future')
  const subject = single(assertion, 'Subject')
  const confirmedUntil = checkConfirmation(subject, recipient)
  checkConditions(single(assertion, 'Conditions'), recipient)
  const statements = childrenNamed(assertion, SAML, 'AuthnStatement')
  demand(statements.length > 0, 'it does not say that somebody has logged in')
  for (const statement of statements)
    demand(isAhead(timeOf(statement, 'SessionNotOnOrAfter'), nowMs), 'the login is over')
  const authenticatedAt = authenticationTimeOf(statements)
  demand((authenticatedAt ?? 0) <= nowMs + LEEWAY_MS, 'the login is from the future')
  const id = assertion.attributes.get('ID') ?? ''
  demand(id !== '', 'the assertion has no id')
  const [nameId, ...others] = childrenNamed(subject, SAML, 'NameID')
  demand(others.length === 0, 'there are two names')
  return {
    id,
    issuedAt: issuedAt ?? nowMs,
    endsAt: confirmedUntil + LEEWAY_MS,
    authenticatedAt,
    nameId: nameId && toNameId(nameId),
    sessionIndex: statements[0]?.attributes.get('SessionIndex'),
    attributes: readAttributes(assertion),
  }
}

/** SAML 2.0 Core §2.7.2. Of several, the oldest: each may be of another means. */
function authenticationTimeOf(statements: readonly XmlElement[]): number | undefined {
  const instants = statements.map((statement) => timeOf(statement, 'AuthnInstant'))
  const known = instants.filter((instant) => instant !== undefined)
  return known.length === statements.length ? Math.min(...known) : undefined
}

const toNameId = (element: XmlElement): NameId => ({
  format: element.attributes.get('Format'),
  nameQualifier: element.attributes.get('NameQualifier') ?? '',
  spNameQualifier: element.attributes.get('SPNameQualifier') ?? '',
  text: plainText(element) ?? '',
})

/**
 * SAML 2.0 Profiles §4.1.4.3: whoever brings it is believed, if it was sent to us, in answer to this request, and in time.
 *
 * @returns when it ends, ms since the epoch
 */
function checkConfirmation(subject: XmlElement, { callbackUrl, requestId, nowMs }: Recipient): number {
  const ends = childrenNamed(subject, SAML, 'SubjectConfirmation')
    .filter(({ attributes }) => attributes.get('Method') === BEARER)
    .flatMap((confirmation) => childrenNamed(confirmation, SAML, 'SubjectConfirmationData'))
    .filter(({ attributes }) => attributes.get('Recipient') === callbackUrl)
    .filter(({ attributes }) => attributes.get('InResponseTo') === requestId && !attributes.has('NotBefore'))
    .flatMap((data) => timeOf(data, 'NotOnOrAfter') ?? [])
    .filter((end) => isAhead(end, nowMs))
  if (ends.length === 0) throw new XmlFault('it is not confirmed for this recipient, request and time')
  return Math.max(...ends)
}

const KNOWN_CONDITIONS: ReadonlySet<string> = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'])

function checkConditions(conditions: XmlElement, { audience, nowMs }: Recipient): void {
  const begins = timeOf(conditions, 'NotBefore')
  demand(begins === undefined || begins <= nowMs + LEEWAY_MS, 'the assertion is not valid yet')
  demand(isAhead(timeOf(conditions, 'NotOnOrAfter'), nowMs), 'the assertion has ended')
  // SAML 2.0 Core §2.5.1: a condition that is not understood is not met.
  const isKnown = ({ namespace, name }: XmlElement) => namespace === SAML && KNOWN_CONDITIONS.has(name)
  demand(conditions.children.every(isKnown), 'there is a condition that we do not know')
  const restrictions = childrenNamed(conditions, SAML, 'AudienceRestriction')
  const isForUs = (restriction: XmlElement) =>
    childrenNamed(restriction, SAML, 'Audience').some(({ text }) => text === audience)
  demand(restrictions.length > 0 && restrictions.every(isForUs), 'the audience is another one')
}

function readAttributes(assertion: XmlElement): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const statements = childrenNamed(assertion, SAML, 'AttributeStatement')
  for (const attribute of statements.flatMap((statement) => childrenNamed(statement, SAML, 'Attribute'))) {
    const name = attribute.attributes.get('Name') ?? ''
    const values = childrenNamed(attribute, SAML, 'AttributeValue').flatMap((value) => plainText(value) ?? [])
    found.set(name, [...(found.get(name) ?? []), ...values])
  }
  return found
}

/** Of an element that holds text and nothing else. */
const plainText = ({ text, children }: XmlElement): string | undefined =>
  text === '' || children.length > 0 ? undefined : text

function single(element: XmlElement, name: string): XmlElement {
  const [first, ...others] = childrenNamed(element, SAML, name)
  if (first === undefined || others.length > 0) throw new XmlFault(`the assertion has not one ${name}`)
  return first
}

/** @returns undefined if it is not given */
function timeOf({ attributes }: XmlElement, name: string): number | undefined {
  const text = attributes.get(name)
  if (text === undefined) return undefined
  const ms = parseInstant(text)
  if (ms === undefined) throw new XmlFault(`${name} is no time`)
  return ms
}

const isAhead = (end: number | undefined, nowMs: number): boolean => end === undefined || nowMs < end + LEEWAY_MS

function demand(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new XmlFault(otherwise)
}
