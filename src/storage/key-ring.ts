// The server's keys: what seals values at rest and derives signing keys. The first one seals, all open.
// `seal.ts` is the only user of symmetric encryption; `key-ring-file.ts` reads and writes the file.

import { randomBytes } from 'node:crypto'
import { randomToken } from '#kernel'

export interface KeyRing {
  /** The sealing key, then the others, newest first; never empty once storage has started. May change by a rotation. */
  readonly keys: readonly RingKey[]
}

export interface RingKey {
  /** Names the key in sealed values and in JWKS; letters, digits, `-` and `_`. */
  readonly id: string
  /** 32 bytes. */
  readonly secret: Uint8Array
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export const ringKeyBytes = 32

/** A new random key, named after its day. */
export const generateRingKey = (createdAt: number): RingKey =>
  Object.freeze({
    id: `${new Date(createdAt).toISOString().slice(0, 10).replaceAll('-', '')}-${randomToken(4)}`,
    secret: randomBytes(ringKeyBytes),
    createdAt,
  })
