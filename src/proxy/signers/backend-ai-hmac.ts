// The HMAC of Backend.AI's signatures: the text that is signed, the key of the day, the stamp of the second.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { Secret } from '#kernel'
import type { OutgoingRequest } from '../signer.ts'

/** What of a request is signed beside its method, target and host. */
export interface SignedFacts {
  readonly date: string
  readonly version: string
  /** The Content-Type as sent, or the default that stands for none. */
  readonly type: string
}

/** The seven lines that are signed. None of them can hold a line break, so no two requests give the same text. */
export const stringToSign = (
  { method, target, host }: Pick<OutgoingRequest, 'method' | 'target' | 'host'>,
  { date, version, type }: SignedFacts,
): string =>
  `${method.toUpperCase()}\n${target}\n${date}\nhost:${host}\ncontent-type:${mediaType(type)}\nx-backendai-version:${version}\n${EMPTY_HASH}`

/** SHA-256 of nothing: since API v4.20181215 the body is not signed. */
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Type and subtype without parameters; what has not one slash counts as bytes, while the header goes out as it came. */
const mediaType = (contentType: string): string => {
  if (PLAIN_TYPES.has(contentType)) return contentType
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  return type.split('/').length === 2 ? type : 'application/octet-stream'
}

/** What most requests have, and what is sent for none. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(['text/plain', 'application/octet-stream', 'application/json'])

/** @param key from `createDayKeys`. */
export const signatureOf = (
  key: KeyObject,
  request: Pick<OutgoingRequest, 'method' | 'target' | 'host'>,
  facts: SignedFacts,
): string =>
  // Header values go out as latin1, so that is what is signed: signed bytes are sent bytes.
  createHmac('sha256', key).update(stringToSign(request, facts), 'latin1').digest('hex')

export interface Stamp {
  /** ISO 8601 in UTC, to the second. */
  readonly date: string
  /** `20260312` */
  readonly day: string
}

/** The same stamp for all requests of a second. */
export function createStamper(): (now: number) => Stamp {
  let second = Number.NaN
  let stamp: Stamp = { date: '', day: '' }
  return (now) => {
    const current = Math.floor(now / 1000)
    if (current !== second) {
      const date = `${new Date(current * 1000).toISOString().slice(0, 19)}+00:00`
      stamp = { date, day: date.slice(0, 10).replaceAll('-', '') }
      second = current
    }
    return stamp
  }
}

/** Keys of the day, one for each endpoint, remembered as long as the secret that they come from. */
export function createDayKeys(): (secret: Secret, day: string, host: string) => KeyObject {
  const known = new WeakMap<Secret, Map<string, { readonly day: string; readonly key: KeyObject }>>()
  return (secret, day, host) => {
    const byHost = known.get(secret) ?? new Map()
    const found = byHost.get(host)
    if (found !== undefined && found.day === day) return found.key
    const ofDay = createHmac('sha256', secret.reveal()).update(day).digest()
    const key = createSecretKey(createHmac('sha256', ofDay).update(host).digest())
    known.set(secret, byHost.set(host, { day, key }))
    return key
  }
}
