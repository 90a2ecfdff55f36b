// Account tokens as text: a JWS in compact form (RFC 7515 §7.1), HS256, with a type of its own. Only what this file itself
// could have written is read: one spelling of the header for each key, one of the encoding, one of the claims. So nothing
// in a token says how it is to be checked.

import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '#kernel'
import { type Claims, claimsSchema } from './claims.ts'
import type { SigningKey, SigningKeys } from './signing-keys.ts'

export interface TokenFormat {
  write(claims: Claims): Promise<string>
  read(token: string): Promise<Reading>
}

/** Why a token counts for nothing, as it is told to whoever brought it. */
export type Reading = { readonly claims: Claims } | { readonly fault: string }

export interface TokenFormatDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly keys: SigningKeys
  /** Our public address, which is known once the gateway listens. */
  readonly issuer: () => string
  readonly audience: string
}

/** RFC 8725 §3.11: no other kind of token says so, and this one is never taken for another kind. */
const TYPE = 'spt3g+jwt'
const ALGORITHM = 'HS256'

/** Clocks of nodes may differ: so early a token may be used, never later than it says. */
const LEEWAY_SECONDS = 30

export const UNKNOWN = 'The token is not one of this service, or it was altered.'
export const EXPIRED = 'The token has expired.'

export function createTokenFormat({ clock, keys, issuer, audience }: TokenFormatDeps): TokenFormat {
  const keyByHeader = new Map(keys.all.map((key) => [encode(JSON.stringify(headerFor(key))), key]))

  return Object.freeze({
    write: (claims: Claims) =>
      new SignJWT({ ...claims }).setProtectedHeader(headerFor(keys.newest)).sign(keys.newest.bytes),

    async read(token: string) {
      const [header = '', payload = '', signature = '', ...rest] = token.split('.')
      const key = keyByHeader.get(header)
      if (key === undefined || rest.length > 0 || !isOurPayload(payload) || !isOneSpelling(signature))
        return { fault: UNKNOWN }
      try {
        const verified = await jwtVerify(token, key.bytes, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: issuer(),
          audience,
          currentDate: new Date(clock.now()),
          clockTolerance: LEEWAY_SECONDS,
        })
        const claims = claimsSchema.safeParse(verified.payload).data
        if (claims === undefined) return { fault: UNKNOWN }
        return claims.exp * 1000 <= clock.now() ? { fault: EXPIRED } : { claims }
      } catch (error) {
        return { fault: error instanceof errors.JWTExpired ? EXPIRED : UNKNOWN }
      }
    },
  })
}

/** Whether the text says of itself that it is an account token, true or not: nobody else needs to look at it then. */
export function claimsToBeAccountToken(text: string): boolean {
  const [header = '', ...others] = text.split('.')
  if (others.length !== 2) return false
  try {
    const { typ } = JSON.parse(decode(header)) as { readonly typ?: unknown }
    return typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === TYPE
  } catch {
    return false
  }
}

/** Whether one that this file wrote, good or not, stands anywhere in a text. */
export const holdsAccountToken = (text: string): boolean => text.includes(BEGINNING)

/** The type comes first: programs know a token by its `eyJ0eXAiO`. */
const headerFor = ({ id }: SigningKey) => ({ typ: TYPE, alg: ALGORITHM, kid: id })

const encode = (text: string): string => Buffer.from(text).toString('base64url')

/** Of every header that `headerFor` makes: whole groups of three bytes, which what follows does not change. */
const BEGINNING = encode(`{"typ":"${TYPE}"`)
const decode = (text: string): string => Buffer.from(text, 'base64url').toString()

/** A decoder overlooks bits, padding and strange characters; two texts must not be one token. */
const isOneSpelling = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text

/** No member twice, no white space, no other spelling of a value: nothing that two readers could read in two ways. */
function isOurPayload(payload: string): boolean {
  try {
    const text = decode(payload)
    return isOneSpelling(payload) && JSON.stringify(JSON.parse(text)) === text
  } catch {
    return false
  }
}
