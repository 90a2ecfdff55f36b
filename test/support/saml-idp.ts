// A SAML 2.0 identity provider, by samlify: takes requests by redirect, and answers with a page whose form a browser sends
// on. Everybody who comes is the same person. What it says can be bent before it is signed, and after.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { IdentityProvider, ServiceProvider, setSchemaValidator } from 'samlify'
import { listen } from './oidc-provider.ts'
import { makeDirectory, removeDirectory } from './programs.ts'

export const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
export const ATTRIBUTES = {
  uniqueId: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.13',
  username: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
  displayName: 'urn:oid:2.16.840.1.113730.3.1.241',
  email: 'urn:oid:0.9.2342.19200300.100.1.3',
  groups: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
} as const

/** What stands in the places of a response; as XML where the name says so. */
export type SamlValues = Readonly<Record<string, string>>

export interface SamlIdp {
  /** Without a slash at the end. */
  readonly url: string
  readonly entityId: string
  readonly loginUrl: string
  /** Of its signing key, PEM. */
  readonly certificateFile: string
  readonly keyFile: string
  /** As other service providers want to have it. */
  readonly metadata: string
  /** Names the person, and what is said of them, by the Name of an attribute. */
  person: { nameId: string; nameIdFormat: string; readonly attributes: Record<string, readonly string[]> }
  /** What is said otherwise, and then signed. */
  bend: (values: SamlValues) => SamlValues
  /** Changes the signed XML. */
  tamper: (xml: string) => string
  /** When the person logged in there, for all services; who must show anew who they are does so at once. */
  loggedInAt: Date | undefined
  /** Encrypts assertions for this one. */
  encrypts: boolean
  signsResponses: boolean
  /** Of XML Signature. */
  signatureMethod: string
  contentCipher: string
  keyCipher: string
  /** @param metadata of a service provider that it is to know */
  register(metadata: string): void
  /** What the page sends on, for the address that begins a login. */
  answer(loginUrl: string): Promise<SamlForm>
  close(): Promise<void>
}

export interface SamlForm {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

export interface KeyPair {
  readonly keyFile: string
  readonly certificateFile: string
}

/** A key of RSA and a certificate that it signed itself. */
export function makeKeyPair(directory: string, name: string, algorithm = 'rsa:2048'): KeyPair {
  const [keyFile, certificateFile] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)]
  const args = ['req', '-x509', '-newkey', algorithm, '-nodes', '-days', '2', '-subj', `/CN=${name}`]
  execFileSync('openssl', [...args, '-keyout', keyFile, '-out', certificateFile], { stdio: 'ignore' })
  return { keyFile, certificateFile }
}

export async function startSamlIdp(): Promise<SamlIdp> {
  const directory = makeDirectory('saml-idp')
  const keys = makeKeyPair(directory, 'idp')
  const server = await listen()
  const [entityId, loginUrl] = [`${server.url}/idp`, `${server.url}/sso`]
  const services = new Map<string, string>()
  setSchemaValidator({ validate: async () => 'not checked' })
  const toEntity = (idp?: SamlIdp) =>
    IdentityProvider({
      entityID: entityId,
      privateKey: readFileSync(keys.keyFile, 'utf8'),
      signingCert: readFileSync(keys.certificateFile, 'utf8'),
      isAssertionEncrypted: idp?.encrypts,
      dataEncryptionAlgorithm: idp?.contentCipher,
      keyEncryptionAlgorithm: idp?.keyCipher,
      requestSignatureAlgorithm: idp?.signatureMethod,
      nameIDFormat: [PERSISTENT],
      singleLogoutService: [
        { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: `${server.url}/slo` },
      ],
      singleSignOnService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: loginUrl }],
    })

  const idp: SamlIdp = {
    url: server.url,
    entityId,
    loginUrl,
    ...keys,
    metadata: toEntity().getMetadata(),
    person: {
      nameId: 'CtYGmLmh3Q8dXbA0',
      nameIdFormat: PERSISTENT,
      attributes: {
        [ATTRIBUTES.username]: ['ada@uni.example'],
        [ATTRIBUTES.displayName]: ['Ada Lovelace, 計算機'],
        [ATTRIBUTES.email]: ['ada@example.org'],
        [ATTRIBUTES.groups]: ['lab', 'beam;line'],
        [ATTRIBUTES.uniqueId]: ['28c5353b8bb34984@uni.example'],
      },
    },
    bend: () => ({}),
    tamper: (xml) => xml,
    loggedInAt: undefined,
    encrypts: false,
    signsResponses: false,
    signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    contentCipher: 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
    keyCipher: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    register: (metadata) => void services.set(/entityID="([^"]+)"/.exec(metadata)?.[1] ?? assert.fail(), metadata),
    async answer(address) {
      const page = await (await fetch(address)).text()
      const fields = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ])
      return { action: /action="([^"]+)"/.exec(page)?.[1] ?? assert.fail(page), fields: Object.fromEntries(fields) }
    },
    async close() {
      await server.close()
      removeDirectory(directory)
    },
  }

  const respond = async (query: URLSearchParams): Promise<string> => {
    const entity = toEntity(idp)
    const [name = '', metadata = ''] =
      [...services].find(([service]) => readRequest(query).includes(`>${service}<`)) ?? assert.fail('who is that?')
    assert.ok(name)
    const service = ServiceProvider({ metadata, wantMessageSigned: idp.signsResponses })
    const request = await entity.parseLoginRequest(service, 'redirect', { query: Object.fromEntries(query) })
    const fill = (template: string) => {
      const callbackUrl = service.entityMeta.getAssertionConsumerService('post')
      const mustAsk = idp.loggedInAt === undefined || /\sForceAuthn="(?:true|1)"/.test(readRequest(query))
      idp.loggedInAt = mustAsk ? new Date() : idp.loggedInAt
      const values = toValues(idp, { audience: name, callbackUrl, requestId: request.extract.request.id })
      const said = { ...values, ...idp.bend(values) }
      return { id: said.ID ?? '', context: template.replace(/\{(\w+)\}/g, (_, place) => said[place] ?? '') }
    }
    const { context } = await entity.createLoginResponse(
      service,
      request,
      'post',
      {},
      {
        customTagReplacement: fill,
        encryptThenSign: idp.encrypts && idp.signsResponses,
      },
    )
    const answer = Buffer.from(idp.tamper(Buffer.from(context, 'base64').toString())).toString('base64')
    const action = service.entityMeta.getAssertionConsumerService('post')
    return `<!doctype html><title>idp</title><form method="post" action="${action}">
      <input type="hidden" name="SAMLResponse" value="${answer}">
      <input type="hidden" name="RelayState" value="${query.get('RelayState') ?? ''}">
      </form><script>document.forms[0].submit()</script>`
  }

  server.serve((request, response) => {
    const url = new URL(request.url ?? '/', server.url)
    respond(url.searchParams).then(
      (page) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  return idp
}

const readRequest = (query: URLSearchParams): string => {
  const compressed = Buffer.from(query.get('SAMLRequest') ?? '', 'base64')
  return inflateRawSync(compressed).toString()
}

interface Login {
  readonly audience: string
  readonly callbackUrl: string
  readonly requestId: string
}

function toValues({ entityId, person, loggedInAt }: SamlIdp, { audience, callbackUrl, requestId }: Login): SamlValues {
  const now = new Date().toISOString()
  const soon = new Date(Date.now() + 300_000).toISOString()
  return {
    ID: `_${randomUUID()}`,
    AssertionID: `_${randomUUID()}`,
    IssueInstant: now,
    Issuer: entityId,
    Destination: callbackUrl,
    SubjectRecipient: callbackUrl,
    InResponseTo: requestId,
    Audience: audience,
    StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
    NameIDFormat: person.nameIdFormat,
    NameID: person.nameId,
    SubjectConfirmationDataNotOnOrAfter: soon,
    ConditionsNotBefore: now,
    ConditionsNotOnOrAfter: soon,
    AuthnStatement:
      `<saml:AuthnStatement AuthnInstant="${loggedInAt?.toISOString()}" SessionIndex="_${randomUUID()}"><saml:AuthnContext>` +
      '<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>' +
      '</saml:AuthnContext></saml:AuthnStatement>',
    AttributeStatement: toAttributeStatement(person.attributes),
  }
}

export function toAttributeStatement(attributes: Readonly<Record<string, readonly string[]>>): string {
  const all = Object.entries(attributes).map(([name, values]) => {
    const written = values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`)
    const format = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri'
    return `<saml:Attribute Name="${name}" NameFormat="${format}">${written.join('')}</saml:Attribute>`
  })
  return `<saml:AttributeStatement>${all.join('')}</saml:AttributeStatement>`
}
