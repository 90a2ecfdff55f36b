// Authenticated encryption of values at rest (AES-256-GCM), bound to what they are for and where they are kept.
// Used for credentials, login attempts and grants. Nothing else in the tree encrypts.
//
// Format: `v1.<key id>.<base64url(nonce 12 | ciphertext | tag 16)>`. Key = HKDF-SHA256(ring key, salt = the caller's
// secret, info = purpose); additional data = version, purpose and place. A value sealed with a caller's secret does not open with the ring alone.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { KeyRing, RingKey } from './key-ring.ts'

export interface SealContext {
  /** What kind of value it is, such as `session.credentials`: a value of one kind never opens as another. */
  readonly purpose: string
  /** Where it is kept, such as its key name: a value moved elsewhere does not open. */
  readonly boundTo: string
  /** A second secret that is not on this server, such as a cookie's secret half. Without it the value stays closed. */
  readonly secret?: string | Uint8Array
}

export interface Sealer {
  seal(plaintext: Uint8Array | string, context: SealContext): string
  /** undefined for whatever is not exactly what `seal` gave for this context: corrupt, truncated, moved, unknown key. */
  open(sealed: string, context: SealContext): Buffer | undefined
}

const version = 'v1'
const nonceBytes = 12
const tagBytes = 16

export function createSealer(keyRing: KeyRing): Sealer {
  const keyFor = createKeyCache()

  return Object.freeze({
    seal(plaintext: Uint8Array | string, context: SealContext) {
      const ringKey = keyRing.keys[0]
      if (ringKey === undefined) throw new Error('nothing can be sealed before the key ring is loaded')
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keyFor(ringKey, context), nonce).setAAD(additionalData(context))
      const body = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
      return `${version}.${ringKey.id}.${body.toString('base64url')}`
    },
    open(sealed: string, context: SealContext) {
      const parts = parseSealed(sealed)
      if (parts === undefined) return undefined
      const ringKey = keyRing.keys.find((key) => key.id === parts.keyId)
      if (ringKey === undefined) return undefined
      return decrypt(parts.body, keyFor(ringKey, context), additionalData(context))
    },
  })
}

/**
 * A key of its own for one purpose, such as the seed of a signing key. The same on every node that has the ring key,
 * and unrelated to the keys that seal.
 */
export const deriveKey = (ringKey: RingKey, purpose: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', ringKey.secret, '', `gatehouse derive ${version} ${purpose}`, bytes))

/** Derives once per ring key and purpose. With a caller's secret every key is used once or twice: derived each time. */
function createKeyCache(): (ringKey: RingKey, context: SealContext) => Buffer {
  const derived = new WeakMap<RingKey, Map<string, Buffer>>()
  return (ringKey, { purpose, secret }) => {
    if (secret !== undefined) return sealingKey(ringKey, purpose, secret)
    const byPurpose = derived.get(ringKey) ?? new Map<string, Buffer>()
    derived.set(ringKey, byPurpose)
    const key = byPurpose.get(purpose) ?? sealingKey(ringKey, purpose, undefined)
    byPurpose.set(purpose, key)
    return key
  }
}

// The label says whether a secret took part, so that an empty one is not the same as none.
const sealingKey = (ringKey: RingKey, purpose: string, secret: string | Uint8Array | undefined): Buffer => {
  const label = secret === undefined ? 'seal' : 'seal-with-secret'
  return Buffer.from(hkdfSync('sha256', ringKey.secret, secret ?? '', `gatehouse ${label} ${version} ${purpose}`, 32))
}

// JSON keeps the three strings apart whatever they contain.
const additionalData = ({ purpose, boundTo }: SealContext): Buffer =>
  Buffer.from(JSON.stringify([version, purpose, boundTo]))

function parseSealed(sealed: string): { readonly keyId: string; readonly body: Buffer } | undefined {
  const [prefix, keyId, text, ...rest] = sealed.split('.')
  if (prefix !== version || keyId === undefined || text === undefined || rest.length > 0) return undefined
  const body = Buffer.from(text, 'base64url')
  // Node decodes leniently; only the one canonical spelling counts.
  if (body.length < nonceBytes + tagBytes || body.toString('base64url') !== text) return undefined
  return { keyId, body }
}

function decrypt(body: Buffer, key: Buffer, aad: Buffer): Buffer | undefined {
  const tagAt = body.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(aad).setAuthTag(body.subarray(tagAt))
  const plaintext = decipher.update(body.subarray(nonceBytes, tagAt))
  try {
    return Buffer.concat([plaintext, decipher.final()])
  } catch {
    return undefined
  }
}
