// The Manager's side of request signing, worked out from the protocol's description alone: what a signature must be, given
// the bytes of a request. It must never share code with the signer that it checks.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What a signature covers, each as it stood on the wire. The body is not among it. */
export interface SignedParts {
  readonly method: string
  /** Path and query of the request line. */
  readonly target: string
  readonly date: string
  readonly host: string
  /** The whole header; undefined if there was none. */
  readonly contentType: string | undefined
  readonly version: string
}

/** Requests use SHA-256; the protocol's vectors show another. */
export type SignatureHash = 'sha256' | 'sha1'

/** Seven lines, none ending the last. Characters are bytes (latin1), as HTTP's are. */
export const stringToSign = (parts: SignedParts, hash: SignatureHash = 'sha256'): string =>
  [
    parts.method.toUpperCase(),
    parts.target,
    parts.date,
    `host:${parts.host}`,
    `content-type:${mediaType(parts.contentType)}`,
    `x-backendai-version:${parts.version}`,
    createHash(hash).digest('hex'),
  ].join('\n')

/** Keys of a day and of a host, derived one from the other. */
export function signingKeys(parts: SignedParts, secretKey: string, hash: SignatureHash = 'sha256') {
  const day = parts.date.slice(0, 10).replaceAll('-', '')
  const dayKey = createHmac(hash, Buffer.from(secretKey)).update(day).digest()
  const hostKey = createHmac(hash, dayKey).update(Buffer.from(parts.host, 'latin1')).digest()
  return { dayKey, hostKey }
}

/** @returns lower-case hex */
export const signatureOf = (parts: SignedParts, secretKey: string, hash: SignatureHash = 'sha256'): string =>
  createHmac(hash, signingKeys(parts, secretKey, hash).hostKey)
    .update(Buffer.from(stringToSign(parts, hash), 'latin1'))
    .digest('hex')

/** Compares spelling, not value: a signature in capitals is another one. */
export function isSignatureOf(
  signature: string,
  parts: SignedParts,
  secretKey: string,
  hash: SignatureHash = 'sha256',
): boolean {
  const expected = Buffer.from(signatureOf(parts, secretKey, hash))
  const actual = Buffer.from(signature)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

/**
 * Without parameters, in lower case. Absent, or without exactly one slash, it counts as unknown bytes; nothing else is asked
 * of it: `/` and `a b/c` are signed as they are, because the Manager's HTTP library (tried: aiohttp 3.14.3) reads them so.
 */
function mediaType(contentType = ''): string {
  const type = (contentType.split(';')[0] ?? '').replace(/^[ \t]+|[ \t]+$/g, '')
  if (type.split('/').length !== 2) return 'application/octet-stream'
  // That library reads headers as UTF-8, and such are the letters that have a lower case.
  return Buffer.from(Buffer.from(type, 'latin1').toString().toLowerCase()).toString('latin1')
}

/** @returns undefined if the header is not of the one form that signed requests have */
export function parseAuthorization(header: string): { accessKey: string; signature: string } | undefined {
  const match = /^BackendAI signMethod=HMAC-SHA256, credential=([^:,\s]+):([0-9a-f]{64})$/.exec(header)
  return match === null ? undefined : { accessKey: match[1] ?? '', signature: match[2] ?? '' }
}
