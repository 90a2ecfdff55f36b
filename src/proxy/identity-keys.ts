// The Ed25519 keys with which Gatehouse says who somebody is: one for each key of the ring, derived, never stored.
// The signer `identity-jwt` signs with the newest; `/auth/jwks.json` publishes all of them.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { defineRoute, type Route } from '#http'
import { deriveKey, type KeyRing, type RingKey } from '#storage'

export interface IdentityKeys {
  /** The key that signs now. */
  newest(): IdentityKey
  /** The public halves of all, newest first. */
  published(): readonly PublishedKey[]
}

export interface IdentityKey {
  /** The id of the ring key. */
  readonly id: string
  readonly privateKey: KeyObject
  readonly published: PublishedKey
}

const publishedKeySchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('EdDSA'),
})

/** RFC 8037 §2 */
export type PublishedKey = z.output<typeof publishedKeySchema>

export function createIdentityKeys(keyRing: KeyRing): IdentityKeys {
  const derived = new WeakMap<RingKey, IdentityKey>()
  const keyFrom = (ringKey: RingKey): IdentityKey => {
    const key = derived.get(ringKey) ?? derive(ringKey)
    derived.set(ringKey, key)
    return key
  }
  return Object.freeze({
    newest() {
      const [ringKey] = keyRing.keys
      if (ringKey === undefined) throw new Error('nobody can be vouched for before the key ring is loaded')
      return keyFrom(ringKey)
    },
    published: () => keyRing.keys.map((ringKey) => keyFrom(ringKey).published),
  })
}

/** `GET /auth/jwks.json`: what a service needs to check the tokens. */
export const jwksRoute = (keys: IdentityKeys): Route =>
  defineRoute({
    method: 'GET',
    path: '/auth/jwks.json',
    routeClass: 'public',
    access: 'public',
    summary: 'The public keys of the tokens that services behind the gateway receive (RFC 7517).',
    output: { 200: z.strictObject({ keys: z.array(publishedKeySchema) }) },
    handle: () => ({
      kind: 'json',
      status: 200,
      body: { keys: keys.published() },
      headers: { 'cache-control': 'public, max-age=300' },
    }),
  })

function derive(ringKey: RingKey): IdentityKey {
  const seed = deriveKey(ringKey, 'identity-jwt', 32)
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const published = { kty: 'OKP', crv: 'Ed25519', x, kid: ringKey.id, use: 'sig', alg: 'EdDSA' } as const
  return Object.freeze({ id: ringKey.id, privateKey, published })
}

/** RFC 8410 §7: an Ed25519 private key is this, then its 32 bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
