// JWTs of the provider that the library does not check (logout tokens, access tokens): the signature by a published key,
// with an algorithm of the operator's list, and the claims that every one of them has.

import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose'
import { CLOCK_LEEWAY_SECONDS } from './clock-leeway.ts'
import { isCompactForm } from './compact-form.ts'
import type { OidcConfig } from './config.ts'

/** What makes a token unusable, in words that hold no part of it. */
export class TokenFault extends Error {}

export interface TokenRules {
  readonly config: Pick<OidcConfig, 'issuer' | 'clientId' | 'algorithms'>
  /** @param lacksKey none of those given before fits */
  readonly keys: (lacksKey: boolean) => Promise<JSONWebKeySet>
  readonly nowMs: number
}

/** @throws TokenFault, and whatever kept the keys from being read */
export async function verifySigned(
  token: string,
  { config, keys, nowMs }: TokenRules,
  more: Pick<JWTVerifyOptions, 'audience' | 'maxTokenAge' | 'requiredClaims'>,
): Promise<JWTVerifyResult> {
  if (!isCompactForm(token)) throw new TokenFault('Invalid Compact JWS: it is not spelled as a JWT')
  const options = {
    // The operator's list, as for ID tokens; what the header says only has to be on it (RFC 8725 §3.1).
    algorithms: [...config.algorithms],
    issuer: config.issuer,
    clockTolerance: CLOCK_LEEWAY_SECONDS,
    currentDate: new Date(nowMs),
    ...more,
  }
  const verifyWith = async (published: JSONWebKeySet) => {
    try {
      return await jwtVerify(token, createLocalJWKSet(published), options)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined
      // What is no error of the library's own is a key that cannot be used, one of 1024 bits for instance.
      throw new TokenFault(error instanceof errors.JOSEError ? error.message.slice(0, 200) : 'the key cannot be used')
    }
  }
  // The provider may have a new key.
  const verified = (await verifyWith(await keys(false))) ?? (await verifyWith(await keys(true)))
  if (verified === undefined) throw new TokenFault('no applicable key found in the JSON Web Key Set')
  return verified
}
