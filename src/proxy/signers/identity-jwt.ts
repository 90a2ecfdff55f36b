// A token in which Gatehouse itself says who asks (EdDSA), for services that trust the gateway and no provider.
// They check it with `/auth/jwks.json`; it names its one audience and lives for a minute at most.

import { z } from 'zod'
import { duration } from '#config'
import { NOT_FOR_SIGNERS } from '../header-names.ts'
import { createIdentityTokens } from '../identity-tokens.ts'
import type { Signer, SignerDriver } from '../signer.ts'

const config = z
  .strictObject({
    type: z.literal('identity-jwt').describe('Sends a short-lived token that Gatehouse signs.'),
    audience: z
      .string()
      .min(1)
      .optional()
      .describe('Whom the token is for (`aud`); the id of the upstream if absent.')
      .meta({ examples: ['https://jobs.example.org'] }),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, { error: 'a header name here is made of letters, digits and hyphens' })
      .refine((name) => !NOT_FOR_SIGNERS.has(name.toLowerCase()), { error: 'this header is the gateway’s own to set' })
      .default('Authorization')
      .describe('The header that carries it; as `Bearer` in Authorization, bare in any other.')
      .meta({ examples: ['X-Identity'] }),
    lifetime: duration('60s', { min: '10s', max: '60s' }).describe('How long a token is good for.'),
    reuse: duration('5s', { max: '30s' }).describe(
      'How long one token serves all requests of a session; `0s` for services that accept each `jti` once.',
    ),
  })
  .refine(({ lifetime, reuse }) => reuse * 2 <= lifetime, {
    error: 'a token is reused for half of its life at most, or it would end on the way',
    path: ['reuse'],
  })
  .meta({ title: 'identity-jwt', description: 'A token in which Gatehouse says who asks; see /auth/jwks.json.' })

export const identityJwtSigner: SignerDriver<typeof config> = {
  type: 'identity-jwt',
  config,
  create({ audience, header, lifetime, reuse }, deps, upstream) {
    const name = header.toLowerCase()
    const prefix = name === 'authorization' ? 'Bearer ' : ''
    const tokenFor = createIdentityTokens(deps, {
      audience: audience ?? upstream.id,
      lifetimeMs: lifetime,
      reuseMs: reuse,
    })
    return Object.freeze<Signer>({
      owns: [name],
      leewayMs: lifetime,
      sign(_request, ctx) {
        const principal = deps.access.principal(ctx)
        // A public path, and nobody to speak of.
        return principal === undefined ? [] : [name, prefix + tokenFor(principal)]
      },
    })
  },
}
