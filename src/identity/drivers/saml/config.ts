// The configuration of a SAML 2.0 identity provider.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { httpUrl, pemFile, secretRef } from '#config'
import { formerIssuers, groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { isSafeUrl } from '../safe-url.ts'

/** XML Signature by RSA only: the methods for other keys are hardly spoken anywhere. */
const isRsaCertificate = (pem: string): boolean => {
  try {
    const { publicKey } = new X509Certificate(pem)
    return publicKey.asymmetricKeyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  } catch {
    return false
  }
}

const certificate = () =>
  pemFile().refine(isRsaCertificate, { error: 'it starts with no certificate of an RSA key of 2048 bits or more' })

const privateKey = () =>
  secretRef().refine(
    (secret) => {
      try {
        return createPrivateKey(secret.reveal()).asymmetricKeyType === 'rsa'
      } catch {
        return false
      }
    },
    { error: 'it is no RSA key in PEM without a password' },
  )

const keyPair = (what: string) =>
  z
    .strictObject({
      key: privateKey().describe('The private key, PEM.'),
      certificate: certificate().describe('Its certificate, PEM; it stands in our metadata.'),
    })
    .optional()
    .describe(what)

/** Whoever gets the address gets the person: an address is given to others, and changes. */
const MAIL: ReadonlySet<string> = new Set([
  'mail',
  'email',
  'emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
  'urn:oid:1.2.840.113549.1.9.1',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
])

const attribute = (name: string, what: string) =>
  z.string().min(1).default(name).describe(`The Name of the attribute with ${what}.`)

export const samlConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('saml').describe('A SAML 2.0 identity provider: Shibboleth IdP, Keycloak, ADFS, SimpleSAMLphp …'),
    label: providerLabel,
    entityId: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe(
        'The name by which the provider knows this gateway; the address of our metadata, `/auth/saml/ID/metadata`, if absent.',
      ),
    issuer: z
      .string()
      .min(1)
      .max(1024)
      .describe('The provider’s entity id, exactly as its metadata spells it.')
      .meta({ examples: ['https://idp.example.org/idp/shibboleth'] }),
    formerIssuers,
    loginUrl: httpUrl()
      .describe('Its SingleSignOnService with the binding HTTP-Redirect.')
      .meta({ examples: ['https://idp.example.org/idp/profile/SAML2/Redirect/SSO'] }),
    certificates: z
      .array(certificate())
      .min(1)
      .max(8)
      .describe('Its certificates for signing, each a file in PEM; two while it changes from one to the other.'),
    signedResponse: z
      .boolean()
      .default(false)
      .describe('Demand a signature over the whole response too. The assertion is signed in any case.'),
    subject: z
      .string()
      .min(1)
      .refine((name) => !MAIL.has(name.toLowerCase()), {
        error: 'an e-mail address is no name of a person: it changes, and is given to others',
      })
      .optional()
      .describe(
        'The Name of the attribute that names the person for ever, such as eduPersonUniqueId (`urn:oid:1.3.6.1.4.1.5923.1.1.1.13`) ' +
          'or `urn:oasis:names:tc:SAML:attribute:subject-id`. Absent: the NameID, which must then be persistent.',
      ),
    attributes: z
      .strictObject({
        username: attribute('urn:oid:1.3.6.1.4.1.5923.1.1.1.6', 'the name to show and to log'),
        displayName: attribute('urn:oid:2.16.840.1.113730.3.1.241', 'the person’s full name'),
        email: attribute('urn:oid:0.9.2342.19200300.100.1.3', 'the e-mail address'),
        groups: attribute('urn:oid:1.3.6.1.4.1.5923.1.5.1.1', 'the groups, a value each'),
      })
      .prefault({})
      .describe('Where the provider puts what we need.'),
    groupsPrefix,
    signing: keyPair('Signs our requests, where the provider wants that.'),
    encryption: keyPair('Decrypts assertions that the provider encrypts for us, by AES-GCM.'),
    dangerouslyAllowHttp: z
      .boolean()
      .default(false)
      .describe('Send people to a login page over http that is not on this machine: passwords can be read on the way.'),
  })
  .refine((config) => config.dangerouslyAllowHttp || isSafeUrl(config.loginUrl), {
    path: ['loginUrl'],
    error: 'http is allowed on this machine only: use https, or set dangerouslyAllowHttp',
  })
  .meta({ title: 'SAML' })

export type SamlConfig = z.infer<typeof samlConfig>
