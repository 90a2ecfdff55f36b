// Login at a SAML 2.0 identity provider, by the Web Browser SSO profile: the request goes in the address, the answer comes
// as a form from the provider's page. Everything in it is doubted: its shape, its signatures, whom it is for, which request
// it answers, until when, and that it comes once.

import { hash } from 'node:crypto'
import { type GatewayError, randomToken } from '#kernel'
import { loginErrors } from '../errors.ts'
import { metadataPath } from '../metadata-path.ts'
import { type DriverDeps, defineDriver, type Proof, type RedirectProvider } from '../provider.ts'
import { type Assertion, readAssertion } from './saml/assertion.ts'
import { type SamlConfig, samlConfig } from './saml/config.ts'
import { loadSamlLibrary, type SamlLibrary, type SamlRequest } from './saml/library.ts'
import { toMetadata } from './saml/metadata.ts'
import { PERSISTENT } from './saml/names.ts'
import { checkDecrypted, checkResponse, NotLoggedIn } from './saml/shape.ts'
import { toXml, XmlFault } from './saml/xml-tree.ts'
import { isUsableSubject, toIdentity } from './stated-person.ts'

export const samlDriver = defineDriver({ type: 'saml', config: samlConfig, create: createSamlProvider })

function createSamlProvider(config: SamlConfig, { clock, storage, urlTo }: DriverDeps): RedirectProvider {
  const label = config.label ?? config.id
  // Our own address may be known only once the gateway listens.
  const entityId = () => config.entityId ?? urlTo(metadataPath(config.id))
  const callbackUrl = () => urlTo(`/auth/callback/${config.id}`)
  let library: Promise<SamlLibrary> | undefined
  const open = (): Promise<SamlLibrary> => {
    library ??= loadSamlLibrary(config)
    return library
  }

  const notProven = (reason: string): GatewayError => loginErrors.notProven({ label }, { internal: { reason } })

  const readResponse = async (request: SamlRequest, answer: string): Promise<Assertion> => {
    const { callbackUrl, requestId, entityId: audience } = request
    const { issuer, signedResponse: isResponseSigned } = config
    const text = decode(answer)
    const { parseXml, decrypt, verify } = await open()
    const found = checkResponse(parseXml(text), { issuer, callbackUrl, requestId, isResponseSigned })
    if (found.name === 'EncryptedAssertion') checkDecrypted(parseXml(await decrypt(toXml(found))))
    const signed = parseXml(await verify(request, text))
    return readAssertion(signed, { issuer, audience, callbackUrl, requestId, nowMs: clock.now() })
  }

  /** For all nodes, as long as it could be believed. */
  const useOnce = async ({ id, endsAt }: Assertion): Promise<void> => {
    const key = `saml-assertion:${hash('sha256', JSON.stringify([config.issuer, id]), 'hex')}`
    const ttlMs = Math.max(endsAt - clock.now(), 1000)
    if (!(await storage.keyValue.set(key, 'seen', { ttlMs, onlyIf: 'absent' })))
      throw new XmlFault('it has been used already')
  }

  const subjectOf = ({ nameId, attributes }: Assertion): string => {
    if (config.subject !== undefined) {
      const [value, ...others] = attributes.get(config.subject) ?? []
      if (value === undefined || others.length > 0)
        throw new XmlFault('the attribute that names the person has not one value')
      return value
    }
    if (nameId?.format !== PERSISTENT) throw new XmlFault('the NameID is not persistent')
    // SAML 2.0 Core §8.3.7: what a provider passes on from another one may be the same text, and is another person.
    if (!['', config.issuer].includes(nameId.nameQualifier) || !['', entityId()].includes(nameId.spNameQualifier))
      throw new XmlFault('the NameID is of another provider or service')
    return nameId.text
  }

  const toProof = (assertion: Assertion): Proof => {
    const subject = subjectOf(assertion)
    if (!isUsableSubject(subject)) throw new XmlFault('the subject is no usable name')
    const { username, displayName, email, groups } = config.attributes
    const first = (name: string) => assertion.attributes.get(name)?.[0]
    const identity = toIdentity({
      provider: config.id,
      issuer: config.issuer,
      subject,
      sid: assertion.sessionIndex,
      username: first(username),
      displayName: first(displayName),
      email: first(email),
      groups: assertion.attributes.get(groups) ?? [],
      groupsPrefix: config.groupsPrefix,
    })
    const { issuedAt: provenAt, authenticatedAt } = assertion
    const { formerIssuers } = config
    return {
      identity: { ...identity, formerIssuers, provenAt },
      ...(authenticatedAt !== undefined && { authenticatedAt }),
    }
  }

  return Object.freeze({
    kind: 'redirect',
    id: config.id,
    type: 'saml',
    label,
    yieldsCredential: false,
    canBeFresh: true,
    answerForm: { state: 'RelayState', answer: 'SAMLResponse' },

    metadata: () =>
      toMetadata({
        entityId: entityId(),
        callbackUrl: callbackUrl(),
        signing: config.signing?.certificate,
        encryption: config.encryption?.certificate,
        isNamed: config.subject === undefined,
      }),

    async begin({ redirectUri, mustBeFresh = false }) {
      // An id starts with no digit (XML Schema, NCName).
      const requestId = `_${randomToken(20)}`
      const request = { requestId, entityId: entityId(), callbackUrl: redirectUri }
      const { toLoginUrl } = await open()
      return {
        urlFor: (state: string) => toLoginUrl({ ...request, mustBeFresh }, state),
        data: { requestId, callbackUrl: redirectUri },
      }
    },

    async complete({ url, answer }, data, state): Promise<Proof> {
      const { requestId, callbackUrl: address } = data
      if (requestId === undefined || address === undefined) throw notProven('the login was not begun by this provider')
      if (url.searchParams.get('state') !== state) throw notProven('the state is another one')
      if (answer === undefined) throw notProven('there is no response')
      try {
        const assertion = await readResponse({ requestId, entityId: entityId(), callbackUrl: address }, answer)
        const proof = toProof(assertion)
        await useOnce(assertion)
        return proof
      } catch (error) {
        if (error instanceof NotLoggedIn) throw loginErrors.cancelled({ label })
        throw error instanceof XmlFault ? notProven(error.message) : error
      }
    },
  } satisfies RedirectProvider)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws XmlFault for what is no base64 of UTF-8 */
function decode(answer: string): string {
  const text = answer.replace(/[\r\n]/g, '')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new XmlFault('it is no base64')
  try {
    return utf8.decode(bytes)
  } catch {
    throw new XmlFault('it is no UTF-8')
  }
}
