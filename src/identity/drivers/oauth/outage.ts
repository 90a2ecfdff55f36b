// Whether a provider cannot answer now, rather than does not want to; and how long it asks to be left in peace.

import { ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'

/** Asked too often, too slow, or in trouble: whatever else such an answer holds, it is not about the person. */
export const isOutageStatus = (status: number): boolean => status >= 500 || status === 408 || status === 429

/** Nothing came, not in time, or with a status that speaks of trouble over there. */
export function isOutage(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return true
  // What our own fetch threw: an answer too large, a key set that cannot be had.
  if (error.name === 'ClientError' && code === undefined) return true
  // The one word that is about this person's grant alone counts with any status.
  if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return false
  const answer = answerOf(error)
  if (answer !== undefined) return isOutageStatus(answer.status)
  return error instanceof TypeError && error.message === 'fetch failed'
}

/** The answer that the library did not take, where that was for its status, its type or an error in it. */
export function answerOf(error: Error): Response | undefined {
  if (error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError) return error.response
  return error.cause instanceof Response ? error.cause : undefined
}

/** Who says "at once" has just been asked. */
const MIN_WAIT_MS = 1000
/** A request in five minutes is a burden to nobody, and a wrong value keeps nobody out for longer. */
const MAX_WAIT_MS = 300_000

/**
 * `Retry-After` (RFC 9110 §10.2.3): seconds, or the time. The dates of 1973 that go without their zone are not read.
 * @returns between a second and five minutes; undefined where it says nothing
 */
export function readRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined
  const waitMs = SECONDS.test(value) ? Number(value) * 1000 : HTTP_DATE.test(value) ? Date.parse(value) - nowMs : NaN
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, MIN_WAIT_MS), MAX_WAIT_MS)
}

const SECONDS = /^\d+$/
const HTTP_DATE = /^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/
