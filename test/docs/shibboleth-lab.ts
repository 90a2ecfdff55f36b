// What the guide "Connect Shibboleth" has its reader set up: a secret, a real mod_shib in Apache and its daemon, as it is
// written, with what is ours in place of hosts and paths, and a real identity provider behind it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import {
  type Apache,
  findFreePort,
  isMissing,
  makeDirectory,
  removeDirectory,
  type Shibd,
  startApache,
  startShibd,
} from '../support/programs.ts'
import { makeKeyPair, type SamlIdp, startSamlIdp } from '../support/saml-idp.ts'
import type { TestGateway } from '../support/start-gateway.ts'
import { readGuide } from './guide-text.ts'

export const shibbolethGuide = readGuide('docs/guide/connect-shibboleth.md')

/** The n-th block of a language, with what is ours for what is the reader's. */
export function block(language: string, at: number, ours: Readonly<Record<string, string>>): string {
  const text = shibbolethGuide.blocks(language)[at] ?? assert.fail(`the guide has no ${language} ${at}`)
  return Object.entries(ours).reduce((changed, [what, mine]) => {
    assert.ok(changed.includes(what), `${language} ${at} holds ${what}`)
    return changed.replaceAll(what, mine)
  }, text)
}

export interface FrontPlaces {
  /** Where people go: Apache. */
  readonly url: string
  readonly port: number
  /** Where the gateway is to listen. */
  readonly inner: string
  /** With the files that the guide puts below `/etc`. */
  readonly folder: string
  readonly secretFile: string
}

/** A folder with the guide's secret for both programs, and where they are to be. Remove the folder at the end. */
export async function makeFrontPlaces(): Promise<FrontPlaces> {
  const folder = makeDirectory('guide-shibboleth')
  // Shibboleth and Apache read it as users of their own.
  chmodSync(folder, 0o755)
  const commands = block('sh', 0, { '/etc/gatehouse/': `${folder}/gatehouse/`, '/etc/apache2/': `${folder}/apache2/` })
  execFileSync('sh', ['-ec', `mkdir -p gatehouse apache2\n${commands}`], { cwd: folder })
  const [port, inner] = [await findFreePort(), `127.0.0.1:${await findFreePort()}`]
  return { url: `http://localhost:${port}`, port, inner, folder, secretFile: join(folder, 'gatehouse/front-secret') }
}

/** Of a virtual host that has neither TLS nor the usual places. */
export const apachePlaces = ({ folder, inner }: FrontPlaces): Readonly<Record<string, string>> => ({
  '/etc/apache2/': `${folder}/apache2/`,
  '127.0.0.1:8080': inner,
  'RequestHeader set X-Forwarded-Proto https': 'RequestHeader set X-Forwarded-Proto http',
})

/**
 * To where Apache would pass it on, as the browser that began the login: what is answered to whoever can reach the gateway
 * itself. @param target of the callback, as Apache's users see it
 */
export function goPast(
  { listening: [inner] }: TestGateway,
  client: TestClient,
  target: URL,
  headers: Readonly<Record<string, string>>,
): Promise<TestAnswer> {
  const { host, pathname, search } = target
  return client.get(`${inner}${pathname}${search}`, { host, cookie: client.cookieHeader(), ...headers })
}

export interface ShibbolethLab {
  readonly places: FrontPlaces
  readonly idp: SamlIdp
  /** Goes from Shibboleth to the identity provider and back, as a browser does. @returns what the gateway answered */
  logInThere(client: TestClient, loginUrl: string): Promise<TestAnswer>
  close(): Promise<void>
}

export interface GuideChanges {
  /** To the whole of `attribute-map.xml`. */
  readonly attributeMap?: (xml: string) => string
  /** To the virtual host. */
  readonly apache?: (configuration: string) => string
}

/** @param changes that the guide says are made for another way to log in */
export async function openShibbolethLab(changes: GuideChanges = {}): Promise<ShibbolethLab> {
  const { attributeMap = same, apache: change = same } = changes
  const places = await makeFrontPlaces()
  const idp = await startSamlIdp()
  const shibd = await startShibboleth(places, idp, attributeMap(block('xml', 0, {})))
  const apache = await startFront(places, shibd, change(block('apache', 0, apachePlaces(places))))
  return Object.freeze({
    places,
    idp,
    async logInThere(client: TestClient, loginUrl: string) {
      const toIdp = await client.get(loginUrl)
      const { action, fields } = await idp.answer(String(toIdp.headers.location))
      assert.equal(action, `${places.url}/Shibboleth.sso/SAML2/POST`)
      const back = await client.post(action, fields, { origin: idp.url })
      return client.get(String(back.headers.location))
    },
    async close() {
      await apache.stop()
      await shibd.stop()
      await idp.close()
      removeDirectory(places.folder)
    },
  })
}

const same = (text: string): string => text

async function startShibboleth({ folder, url }: FrontPlaces, idp: SamlIdp, attributeMap: string): Promise<Shibd> {
  const keys = makeKeyPair(folder, 'sp')
  chmodSync(keys.keyFile, 0o644)
  writeFileSync(join(folder, 'idp-metadata.xml'), idp.metadata)
  writeFileSync(join(folder, 'attribute-map.xml'), attributeMap)
  const configuration = block('xml', 1, {
    'https://gate.example.org': url,
    'https://idp.example.org/idp': idp.entityId,
    '/etc/shibboleth/idp-metadata.xml': join(folder, 'idp-metadata.xml'),
    '/etc/shibboleth/attribute-map.xml': join(folder, 'attribute-map.xml'),
    '/etc/shibboleth/sp-key.pem': keys.keyFile,
    '/etc/shibboleth/sp-cert.pem': keys.certificateFile,
    // Without TLS.
    'handlerSSL="true" cookieProps="https"': 'handlerSSL="false" cookieProps="http"',
  })
  const started = await startShibd(configuration)
  assert.ok(!isMissing(started))
  const certificate = readFileSync(keys.certificateFile, 'utf8').replace(/-----[A-Z ]+-----|\s/g, '')
  idp.register(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${url}/shibboleth">
    <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">
    <md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${url}/Shibboleth.sso/SAML2/POST" index="1"/>
    </md:SPSSODescriptor></md:EntityDescriptor>`)
  return started
}

async function startFront({ port }: FrontPlaces, shibd: Shibd, configuration: string): Promise<Apache> {
  const options = { modules: ['proxy', 'proxy_http', 'authn_core'], port }
  const started = await startApache(options, () => `${shibd.apache}\n${configuration}`)
  assert.ok(!isMissing(started))
  return started
}
