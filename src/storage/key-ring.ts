// The server's keys: what seals values at rest and derives signing keys. Newest first: the first one seals, all open.
// This file and `seal.ts` are the only users of symmetric encryption.

export interface KeyRing {
  /** Newest first; never empty once storage has started. */
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
