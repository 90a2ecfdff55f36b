// A token in which Gatehouse itself says who asks (EdDSA), for services that trust the gateway and no provider.
// They check it with `/auth/jwks.json`; it names its one audience and lives for a minute at most.

import { sign } from 'node:crypto'
import { z } from 'zod'
import type { Principal } from '#access'
import { duration } from '#config'
import { newId } from '#kernel'
import { NOT_FOR_SIGNERS } from '../header-names.ts'
import type { IdentityKey } from '../identity-keys.ts'
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

interface Issued {
  readonly header: readonly string[]
  readonly reusableUntil: number
}

export const identityJwtSigner: SignerDriver<typeof config> = {
  type: 'identity-jwt',
  config,
  create({ audience, header, lifetime, reuse }, { access, clock, identityKeys, publicUrl }, upstream) {
    const name = header.toLowerCase()
    const prefix = name === 'authorization' ? 'Bearer ' : ''
    // Signing costs as much as all the rest of a request. A principal is one object as long as nothing about it changes.
    const issued = new WeakMap<Principal, Issued>()

    const issueFor = (principal: Principal, now: number): Issued => {
      const issuedAt = Math.floor(now / 1000)
      const token = createToken(identityKeys.newest(), {
        iss: publicUrl.href,
        aud: audience ?? upstream.id,
        sub: `${principal.provider}/${principal.subject}`,
        user_id: principal.userId,
        preferred_username: principal.username,
        groups: principal.groups,
        iat: issuedAt,
        exp: issuedAt + Math.floor(lifetime / 1000),
        jti: newId(),
      })
      return { header: [name, prefix + token], reusableUntil: clock.monotonicMs() + reuse }
    }

    return Object.freeze<Signer>({
      owns: [name],
      sign(_request, ctx) {
        const principal = access.principal(ctx)
        // A public path, and nobody to speak of.
        if (principal === undefined) return []
        const known = issued.get(principal)
        if (known !== undefined && clock.monotonicMs() < known.reusableUntil) return known.header
        const fresh = issueFor(principal, clock.now())
        issued.set(principal, fresh)
        return fresh.header
      },
    })
  },
}

/** RFC 7515 §7.1, RFC 8037 §3.1 */
function createToken({ id, privateKey }: IdentityKey, claims: object): string {
  const signed = `${encode({ alg: 'EdDSA', typ: 'JWT', kid: id })}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
