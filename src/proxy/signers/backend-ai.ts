// Backend.AI's own way to sign: an HMAC over method, target, date, host, type and API version with a
// key of the day, and for its GraphQL router a JWT. Both from the keypair that the Manager gave for the person.
// The body is never part of it, so every kind of body streams.

import { z } from 'zod'
import { duration } from '#config'
import type { RequestContext } from '#http'
import type { Credential } from '#sessions'
import { signerErrors } from '../errors.ts'
import { findHeader, type HeaderList } from '../header-list.ts'
import type { OutgoingRequest, Signer, SignerDriver } from '../signer.ts'
import { createDayKeys, createStamper, signatureOf } from './backend-ai-hmac.ts'
import { createToken } from './backend-ai-jwt.ts'
import { authorizationOf } from './backend-ai-keypair.ts'

const config = z
  .strictObject({
    type: z.literal('backend-ai').describe('Signs as Backend.AI clients do.'),
    credential: z
      .string()
      .min(1)
      .optional()
      .describe('The id of the identity provider whose keypair signs; needed unless `mode` is `anonymous`.')
      .meta({ examples: ['manager'] }),
    mode: z
      .enum(['hmac', 'jwt', 'both', 'anonymous'])
      .default('hmac')
      .describe(
        '`hmac` for the Manager, `both` for its GraphQL router, `jwt` for services that take nothing else; `anonymous` says date, version and domain and proves nothing.',
      ),
    domain: z
      .string()
      .regex(/^[\x21-\x7e]+$/, { error: 'a domain is one word of visible ASCII characters' })
      .optional()
      .describe('Sent as X-BackendAI-Domain.')
      .meta({ examples: ['default'] }),
    apiVersion: z
      .string()
      .regex(/^v\d+\.\d{8}$/, { error: 'an API version looks like v9.20250722' })
      .default('v9.20250722')
      .describe('The API version where the client names none.'),
    tokenLifetime: duration('60s', { min: '60s', max: '1d' }).describe('How long a JWT is good for.'),
  })
  .superRefine(({ credential, mode }, check) => {
    if (credential !== undefined || mode === 'anonymous') return
    check.addIssue({ code: 'invalid_type', expected: 'string', path: ['credential'], input: undefined })
  })
  .meta({ title: 'backend-ai', description: 'HMAC and JWT signatures with the person’s Backend.AI keypair.' })

export const backendAiSigner: SignerDriver<typeof config> = {
  type: 'backend-ai',
  config,
  create(options, { clock, identity }, upstream): Signer {
    const { credential: provider, mode } = options
    const stampAt = createStamper()
    const keyFor = createDayKeys()
    const usesHmac = mode !== 'jwt'
    const usesJwt = mode !== 'hmac'

    /** What goes with every request, whosever it is. */
    const announce = (request: OutgoingRequest, ctx: RequestContext) => {
      const now = clock.now()
      const { date, day } = stampAt(now)
      const version = versionOf(ctx, options.apiVersion)
      const sentType = findHeader(request.headers, 'content-type')
      const type = sentType ?? defaultType(request)
      const headers = ['date', date, 'x-backendai-version', version]
      if (sentType === undefined && !request.isUpgrade) headers.push('content-type', type)
      if (options.domain !== undefined) headers.push('x-backendai-domain', options.domain)
      return { headers, facts: { date, version, type }, day, now }
    }

    if (mode === 'anonymous') {
      return Object.freeze<Signer>({ owns: ANNOUNCED, sign: (request, ctx) => announce(request, ctx).headers })
    }
    if (provider === undefined) throw new Error(`the signer of ${upstream.id} has no credential to sign with`)

    const signWith = (credential: Credential, request: OutgoingRequest, ctx: RequestContext): HeaderList => {
      if (credential.kind !== 'keypair') throw signerErrors.unsuitable({ upstream: upstream.id, credential: provider })
      const { headers, facts, day, now } = announce(request, ctx)
      if (usesHmac) {
        const signature = signatureOf(keyFor(credential.secretKey, day, request.host), request, facts)
        headers.push('authorization', authorizationOf(credential.accessKey, signature))
      }
      if (usesJwt) headers.push('x-backendai-token', createToken(credential, now, options.tokenLifetime))
      return headers
    }

    return Object.freeze({
      owns: ['authorization', ...ANNOUNCED],
      leewayMs: usesJwt ? Math.min(options.tokenLifetime, MANAGER_LEEWAY_MS) : MANAGER_LEEWAY_MS,
      sign(request: OutgoingRequest, ctx: RequestContext) {
        const credential = identity.credential(ctx, provider)
        if (credential instanceof Promise) return credential.then((fresh) => signWith(fresh, request, ctx))
        return signWith(credential, request, ctx)
      },
    })
  },
}

/** The Manager refuses a Date that is further away than this, in either direction. */
const MANAGER_LEEWAY_MS = 15 * 60_000

/** Beside what it announces: what could stand for a proof. */
const ANNOUNCED = ['date', 'x-backendai-date', 'x-backendai-version', 'x-backendai-token', 'x-backendai-domain']

const defaultType = ({ hasBody, isUpgrade }: OutgoingRequest): string =>
  hasBody || isUpgrade ? 'application/octet-stream' : 'text/plain'

/** The client may choose a version that it was written for; nothing else goes under that name. */
const versionOf = (ctx: RequestContext, fallback: string): string => {
  const asked = ctx.request.headers['x-backendai-version']
  return typeof asked === 'string' && /^v\d+\.\d{8}$/.test(asked) ? asked : fallback
}
