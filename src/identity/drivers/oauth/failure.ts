// What the OAuth library throws, as errors of ours. Its own errors carry whole answers, tokens included, so none of them
// is kept as a cause: only their words and codes go on, and those to the log only.

import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import { type Clock, GatewayError } from '#kernel'
import { loginErrors } from '../../errors.ts'
import { providerAway } from '../../provider-away.ts'
import { answerOf, isOutage, readRetryAfter } from './outage.ts'

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

/** Who was asked. */
export interface Asked {
  /** Of the provider, for people. */
  readonly label: string
  readonly clock: Clock
}

/** @returns login.cancelled, login.providerUnavailable or login.notProven */
export function toLoginError(error: unknown, { label, clock }: Asked): GatewayError {
  if (error instanceof GatewayError) return error
  const reason = describeFailure(error)
  if (error instanceof AuthorizationResponseError) {
    if (CANCELLATIONS.has(error.error)) return loginErrors.cancelled({ label }, { internal: { reason } })
    if (UNAVAILABLE.has(error.error)) return providerAway({ label, reason })
  }
  const isMisconfigured = error instanceof ResponseBodyError && MISCONFIGURED.has(error.error)
  if (error instanceof Error && (isMisconfigured || isOutage(error))) {
    const retryAfter = answerOf(error)?.headers.get('retry-after') ?? null
    return providerAway({ label, reason, waitMs: readRetryAfter(retryAfter, clock.now()) })
  }
  return loginErrors.notProven({ label }, { internal: { reason } })
}

/** In a few words that hold no part of any answer. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return `${error.name}: ${/^[a-z_]{1,64}$/.test(error.error) ? error.error : 'unknown error code'}${statusOf(error)}`
  }
  const { cause } = error
  const because =
    cause instanceof Error && (cause.name === 'OperationProcessingError' || cause.name === 'Error' || 'code' in cause)
      ? `: ${codeOf(cause)}${cause.message}`
      : ''
  return `${codeOf(error)}${error.message}${statusOf(error)}${because}`.slice(0, 300)
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? `${error.code} ` : '')

function statusOf(error: Error): string {
  const answer = answerOf(error)
  return answer === undefined ? '' : ` (status ${answer.status})`
}
