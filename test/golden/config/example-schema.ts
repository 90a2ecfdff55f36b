// A configuration with one of everything that features use, for the golden files beside it. Not the real one, so that
// a change of a feature's settings changes no golden file.

import { z } from 'zod'
import { byteSize, composeSchema, duration, filePath, httpUrl, listenAddress, secretRef } from '#config'

const server = z
  .strictObject({
    url: httpUrl()
      .describe('The address that people type into their browser.')
      .meta({ examples: ['https://gate.example.org'] }),
    listen: listenAddress('0.0.0.0:8080').describe('Where the gateway listens.'),
    drain: duration('30s', { max: '10m' }).describe('How long a stop waits for requests that still run.'),
    maxHead: byteSize('16KiB').describe('The longest request head that is read.'),
    trustedProxies: z.array(z.string()).default([]).describe('Addresses whose forwarding headers are believed.'),
    tls: z
      .strictObject({
        cert: filePath().describe('The certificate chain, in PEM.'),
        key: secretRef().describe('The private key, in PEM.'),
      })
      .optional()
      .describe('Serve https with this certificate.'),
    dangerouslyPlainCookie: z.boolean().default(false).describe('Sends the session cookie over plain http.'),
  })
  .meta({ title: 'The HTTP server' })
  .refine(({ url, tls }) => !tls || url.startsWith('https:'), {
    path: ['url'],
    error: 'with tls the url starts with https:',
    params: { fix: 'write https:// in server.url, or remove server.tls' },
  })

const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, { error: 'an id has small letters, digits and hyphens' })
  .describe('Names the provider in policies.')
  .meta({ examples: ['sso'] })

const oidc = z
  .strictObject({
    id,
    type: z.literal('oidc'),
    issuer: httpUrl()
      .describe('The address of the provider.')
      .meta({ examples: ['https://sso.example.org/realms/lab'] }),
    clientId: z.string().min(1).describe('How the provider knows this gateway.'),
    clientSecret: secretRef().describe('What the provider gave for this client.'),
    scopes: z.array(z.string()).min(1).default(['openid']).describe('What is asked of the provider.'),
    algorithm: z.enum(['ES256', 'RS256', 'EdDSA']).default('ES256').describe('How tokens are signed.'),
  })
  .meta({ title: 'OpenID Connect' })

const local = z
  .strictObject({
    id,
    type: z.literal('local'),
    attempts: z.int().min(1).max(100).default(5).describe('Wrong passwords before a pause.'),
  })
  .meta({ title: 'Accounts of this gateway' })

const upstream = z.strictObject({
  path: z
    .string()
    .startsWith('/')
    .describe('The prefix of what is forwarded.')
    .meta({ examples: ['/api/'] }),
  to: httpUrl()
    .describe('Where it is forwarded to.')
    .meta({ examples: ['http://manager:8081'] }),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers that are added.'),
  timeout: z
    .union([duration(), z.literal('none')])
    .prefault('60s')
    .describe('How long the first byte may take.'),
})

/** The composed example. */
export const exampleSchema = composeSchema({
  server,
  identity: z
    .array(z.discriminatedUnion('type', [oidc, local]))
    .describe('Where people log in, in the order of the login page.')
    .meta({ title: 'Login providers' }),
  upstreams: z.array(upstream).describe('The services behind the door.').meta({ title: 'Upstreams' }),
})
