// Conditional requests (RFC 9110 §13) for GET and HEAD of something that exists.

import type { IncomingHttpHeaders } from 'node:http'

export interface Validators {
  /** Strong, in quotes; absent for files too large to be hashed. */
  readonly etag: string | undefined
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}

/** In the order of §13.2.2. */
export function checkPreconditions(headers: IncomingHttpHeaders, validators: Validators): 'proceed' | 304 | 412 {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  if (ifMatch !== undefined) {
    // §13.1.1: the strong comparison, which no weak tag passes.
    if (!matches(ifMatch, validators.etag)) return 412
  } else if (isLaterThan(validators, headers['if-unmodified-since']) === true) {
    return 412
  }
  if (ifNoneMatch !== undefined) {
    // §13.1.2: the weak comparison.
    return matches(ifNoneMatch.replaceAll('W/', ''), validators.etag) ? 304 : 'proceed'
  }
  return isLaterThan(validators, headers['if-modified-since']) === false ? 304 : 'proceed'
}

/** Whether a Range counts (§13.1.5): without If-Range, or if the client's copy is of exactly this content. */
export function mayServeRange(ifRange: string | undefined, { etag, modifiedAt }: Validators): boolean {
  if (ifRange === undefined) return true
  if (ifRange.startsWith('"') || ifRange.startsWith('W/')) return ifRange === etag
  return ifRange === new Date(modifiedAt).toUTCString()
}

const matches = (list: string, etag: string | undefined): boolean =>
  list.trim() === '*' || (etag !== undefined && list.split(',').some((each) => each.trim() === etag))

/** undefined if the date is absent or not one (§13.1.3: then the field is ignored). Dates have whole seconds. */
function isLaterThan({ modifiedAt }: Validators, date: string | undefined): boolean | undefined {
  const instant = Date.parse(date ?? '')
  return Number.isNaN(instant) ? undefined : Math.floor(modifiedAt / 1000) > Math.floor(instant / 1000)
}
