// Checks the HMAC of a request as a Backend.AI Manager does. Written from the description of the protocol alone: it must
// never share a line with the signer in `src/proxy`, so that two readings of the protocol meet on the wire.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface SignedParts {
  readonly method: string
  /** Path and query as they stood on the wire. */
  readonly target: string
  /** The Date header, byte for byte. */
  readonly date: string
  readonly host: string
  /** The Content-Type header, or undefined where there is none. */
  readonly contentType: string | undefined
  readonly version: string
}

type Hash = 'sha256' | 'sha1'

/** The seven lines under the signature. The body is never among them: the last line is the hash of nothing. */
export const stringToSign = (parts: SignedParts, hash: Hash = 'sha256'): string =>
  [
    parts.method.toUpperCase(),
    parts.target,
    parts.date,
    `host:${parts.host}`,
    `content-type:${mediaType(parts.contentType)}`,
    `x-backendai-version:${parts.version}`,
    createHash(hash).digest('hex'),
  ].join('\n')

/** Lower-case hex. The key is bound to the day, as the Date header's own offset has it, and to the host. */
export function expectedSignature(parts: SignedParts, secretKey: string, hash: Hash = 'sha256'): string {
  const dayKey = createHmac(hash, secretKey).update(parts.date.slice(0, 10).replaceAll('-', '')).digest()
  const hostKey = createHmac(hash, dayKey).update(parts.host).digest()
  return createHmac(hash, hostKey).update(stringToSign(parts, hash), 'latin1').digest('hex')
}

export function signatureMatches(parts: SignedParts, secretKey: string, signature: string): boolean {
  const expected = Buffer.from(expectedSignature(parts, secretKey))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** What the `Authorization` header says, or undefined if it is not of the one known form. */
export function parseAuthorization(
  header: string,
): { readonly accessKey: string; readonly signature: string } | undefined {
  const match = /^BackendAI signMethod=HMAC-SHA256, credential=([^\s:]+):([0-9a-f]{64})$/.exec(header)
  const [, accessKey, signature] = match ?? []
  return accessKey === undefined || signature === undefined ? undefined : { accessKey, signature }
}

/** Lower case, without parameters; what is missing or malformed counts as unknown bytes. */
function mediaType(header: string | undefined): string {
  const bare = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return /^[^/\s]+\/[^/\s]+$/.test(bare) ? bare : 'application/octet-stream'
}
