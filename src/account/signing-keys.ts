// The keys that account tokens are signed with: shared secrets from the configuration, the newest first. A token names
// its key by a fingerprint; names are looked up among these few and mean nothing else.

import { hkdfSync } from 'node:crypto'
import type { Secret } from '#kernel'
import { whyWeakKey } from '#storage'

export interface SigningKey {
  /** In the header of tokens (`kid`). Tells nothing about the key. */
  readonly id: string
  readonly bytes: Uint8Array
}

export interface SigningKeys {
  /** The one that signs. */
  readonly newest: SigningKey
  readonly all: readonly SigningKey[]
}

const MIN_BYTES = 32
const MAX_BYTES = 64

/** @param secrets as the configuration has checked them: none of them is weak. */
export function createSigningKeys(secrets: readonly Secret[]): SigningKeys {
  const keys = secrets.map((secret): SigningKey => {
    const bytes = decode(secret.reveal())
    return Object.freeze({ id: fingerprint(bytes), bytes })
  })
  const [newest] = keys
  if (newest === undefined) throw new Error('the configuration lets no list of keys be empty')
  return Object.freeze({ newest, all: keys })
}

/** @returns the reason for a refusal, in words that do not quote the key; undefined if it may be used. */
export function whyWeakSigningKey(text: string): string | undefined {
  const bytes = decode(text)
  if (!isBase64Of(text, bytes)) return 'it is not written in base64'
  if (bytes.length < MIN_BYTES) return `it has ${bytes.length} bytes, and a key has at least ${MIN_BYTES}`
  if (bytes.length > MAX_BYTES) return `it has ${bytes.length} bytes, and a key has at most ${MAX_BYTES}`
  return whyWeakKey(bytes, text)
}

const decode = (text: string): Buffer => Buffer.from(text, 'base64')

/** Both alphabets (RFC 4648 §4, §5), with the padding or without it; nothing that a decoder would have to overlook. */
function isBase64Of(text: string, bytes: Buffer): boolean {
  const bare = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]
  return bare.some((form) => text === form || text === form.padEnd(Math.ceil(form.length / 4) * 4, '='))
}

/** 96 bits of another derivation of the key: enough to tell a handful apart, and no way back. */
const fingerprint = (bytes: Uint8Array): string =>
  Buffer.from(hkdfSync('sha256', bytes, '', 'gatehouse account key id', 12)).toString('base64url')
