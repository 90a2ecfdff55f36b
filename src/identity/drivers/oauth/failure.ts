// What the OAuth library throws, as errors of ours. Its own errors carry whole answers, tokens included, so none of them
// is kept as a cause: only their words and codes go on, and those to the log only.

import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import { GatewayError } from '#kernel'
import { loginErrors } from '../../errors.ts'

/** What an authorization response may say when the person or the provider did not want (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6). */
const CANCELLATIONS: ReadonlySet<string> = new Set([
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])
const UNAVAILABLE: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error'])
/** The provider does not know us: a matter for the operator, not for the person. */
const MISCONFIGURED: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type'])

/** @returns login.cancelled, login.providerUnavailable or login.notProven */
export function toLoginError(error: unknown, label: string): GatewayError {
  if (error instanceof GatewayError) return error
  const occurrence = { internal: { reason: describeFailure(error) } }
  if (error instanceof AuthorizationResponseError) {
    if (CANCELLATIONS.has(error.error)) return loginErrors.cancelled({ label }, occurrence)
    if (UNAVAILABLE.has(error.error)) return loginErrors.providerUnavailable({ label }, occurrence)
  }
  if (error instanceof ResponseBodyError && MISCONFIGURED.has(error.error)) {
    return loginErrors.providerUnavailable({ label }, occurrence)
  }
  return isOutage(error)
    ? loginErrors.providerUnavailable({ label }, occurrence)
    : loginErrors.notProven({ label }, occurrence)
}

/** In a few words that hold no part of any answer. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return `${error.name}: ${/^[a-z_]{1,64}$/.test(error.error) ? error.error : 'unknown error code'}`
  }
  const { cause } = error
  const because =
    cause instanceof Error && (cause.name === 'OperationProcessingError' || cause.name === 'Error' || 'code' in cause)
      ? `: ${codeOf(cause)}${cause.message}`
      : ''
  return `${codeOf(error)}${error.message}${because}`.slice(0, 300)
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? `${error.code} ` : '')

/** Nothing came, not in time, or with a status that speaks of trouble over there. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return true
  // What our own fetch threw: an answer too large, a key set that cannot be had.
  if (error.name === 'ClientError' && code === undefined) return true
  if (code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') return error.cause instanceof Response && error.cause.status >= 500
  return error instanceof TypeError && error.message === 'fetch failed'
}
