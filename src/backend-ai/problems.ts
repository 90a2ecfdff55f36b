// How errors look where the Backend.AI Web UI asks: the webserver's own problem types and titles, word for word, because
// pages and programs compare them. The one table of them; whatever an error is called here, it leaves in these words.

import type { Answer, RequestContext } from '#http'
import type { GatewayError } from '#kernel'
import type { Profile } from './profile.ts'

interface Problem {
  /** Of the answer, where it is not that of the error. */
  readonly status?: number
  /** The last part of the type's address. */
  readonly type: string
  /** Word for word; that of the error unless given. */
  readonly title?: string
  readonly errorCode?: string
  readonly msg?: string
}

const TYPES = 'https://api.backend.ai/probs/'

const UNAUTHORIZED: Problem = { status: 401, type: 'auth-failed', title: 'Unauthorized access' }
const INACCESSIBLE: Problem = { status: 502, type: 'bad-gateway', title: 'The proxy target server is inaccessible.' }
const NO_HEALTHY_ENDPOINT: Problem = {
  status: 503,
  type: 'webserver/manager-connection-unavailable',
  title: 'No healthy Manager endpoint is available.',
  errorCode: 'api_request_unavailable',
  msg: 'no healthy endpoint is available',
}

/** By the error's code. */
const BY_CODE: Readonly<Record<string, Problem>> = {
  'access.loginRequired': UNAUTHORIZED,
  'backendAi.unauthorized': UNAUTHORIZED,
  // Of a session that began at another login: there is nothing to sign with, so it is as good as none.
  'credential.expired': UNAUTHORIZED,
  'credential.missing': UNAUTHORIZED,
  'login.refreshRefused': UNAUTHORIZED,
  'session.expired': UNAUTHORIZED,
  'signer.unsuitable': { status: 400, type: 'invalid-auth-params', title: 'Incompatible auth token type.' },

  'upstream.badAnswer': INACCESSIBLE,
  'upstream.connectTimeout': INACCESSIBLE,
  'upstream.refused': INACCESSIBLE,
  'upstream.reset': INACCESSIBLE,
  'upstream.untrusted': INACCESSIBLE,
  'upstream.webSocketRefused': INACCESSIBLE,
  'upstream.nowhere': INACCESSIBLE,

  'http.notFound': { type: 'generic-not-found', title: 'Not Found' },
  'http.internal': { type: 'internal-server-error', title: 'Something has gone wrong.' },
  'http.tooManyRequests': { type: 'rate-limit-exceeded', title: 'You have reached your API query rate limit.' },

  'webserver.alreadyLoggedIn': { type: 'generic-bad-request' },
  'webserver.currentPasswordMissing': { type: 'invalid-api-params' },
  'webserver.invalidParameters': { type: 'generic-bad-request', errorCode: 'api_parsing_invalid-parameters' },
  'webserver.managerUnusable': { type: 'bad-gateway' },
  'webserver.newPasswordMissing': { type: 'invalid-api-params' },
  'webserver.passwordMissing': { type: 'invalid-api-params' },
  'webserver.tokenMissing': { type: 'invalid-api-params' },
  'webserver.usernameMissing': { type: 'invalid-api-params' },
  'webserver.usernameUnusable': { type: 'invalid-api-params' },
  'login.tooManyFailures': { type: 'too-many-requests', title: 'Too many failed login attempts' },
}

/** Of errors that the webserver does not know. */
const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'auth-failed',
  403: 'generic-forbidden',
  404: 'generic-not-found',
  413: 'content-too-large',
  429: 'too-many-requests',
  502: 'bad-gateway',
  503: 'service-unavailable',
  504: 'gateway-timeout',
}

/** For `Mount.errorAnswer`: errors as the webserver says them. What is for the log only stays there. */
export function createErrorAnswer({
  noHealthyEndpoint,
}: Pick<Profile, 'noHealthyEndpoint'>): (ctx: RequestContext, error: GatewayError) => Answer {
  const byCode: typeof BY_CODE =
    noHealthyEndpoint === 502 ? BY_CODE : { ...BY_CODE, 'upstream.nowhere': NO_HEALTHY_ENDPOINT }
  return (ctx, error) => {
    if (error.code === 'http.methodNotAllowed') return plainText(405, '405: Method Not Allowed')
    if (error.code === 'webserver.bodyTooLong') return plainText(413, error.detail)
    const problem: Problem = byCode[error.code] ?? { type: typeOf(error.status) }
    const body = {
      type: TYPES + problem.type,
      title: problem.title ?? error.title,
      ...(problem.errorCode !== undefined && { error_code: problem.errorCode }),
      ...(problem.msg !== undefined && { msg: problem.msg }),
      details: `${error.detail} ${error.hint}`,
      error_id: ctx.id,
    }
    return {
      kind: 'bytes',
      status: problem.status ?? error.status,
      contentType: 'application/problem+json; charset=utf-8',
      body: JSON.stringify(body),
    }
  }
}

const plainText = (status: number, body: string): Answer => ({
  kind: 'bytes',
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
})

const typeOf = (status: number): string =>
  BY_STATUS[status] ?? (status < 500 ? 'generic-bad-request' : 'internal-server-error')
