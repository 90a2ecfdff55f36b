// What undici and Node report about a connection, in the words of our catalogue. Whatever is not listed is a fault of
// ours and passes unchanged: the edge answers 500 and logs it.

import { GatewayError } from '#kernel'
import { upstreamErrors } from './errors.ts'

type Kind = 'refused' | 'untrusted' | 'reset' | 'badAnswer' | 'stopping' | 'connectTimeout' | 'timeout'

const KINDS: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'refused',
  EAI_AGAIN: 'refused',
  EHOSTUNREACH: 'refused',
  EHOSTDOWN: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  EPROTO: 'refused',
  // Of ours: the name of an announced endpoint leads nowhere that a service is.
  ENOSERVICE: 'refused',
  // Of unix sockets: none there, not ours to open, a full queue (unix(7)).
  ENOENT: 'refused',
  EACCES: 'refused',
  EAGAIN: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'connectTimeout',
  ETIMEDOUT: 'connectTimeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_SOCKET: 'reset',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UPSTREAM_RESET: 'reset',
  HTTPParserError: 'badAnswer',
  UND_ERR_HEADERS_OVERFLOW: 'badAnswer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'badAnswer',
  // undici's parser, of bytes behind a 101 that says nothing of an upgrade.
  ERR_ASSERTION: 'badAnswer',
  UND_ERR_DESTROYED: 'stopping',
  UND_ERR_CLOSED: 'stopping',
}

/** Why a request could not be answered, for the person who asked; or the error itself where it is our own fault. */
export function toUpstreamFailure(upstream: string, error: Error): Error {
  const kind = kindOf(error)
  if (kind === undefined) return error
  return failureOf(kind, upstream, error)
}

/** The code of a failure that speaks against the endpoint; undefined if it was ours, or nobody's. */
export function endpointFault(error: Error): string | undefined {
  return error instanceof GatewayError && ENDPOINT_FAULTS.has(error.code) ? error.code : undefined
}

const ENDPOINT_FAULTS: ReadonlySet<string> = new Set(
  (['refused', 'untrusted', 'reset', 'badAnswer', 'connectTimeout', 'timeout'] as const).map(
    (kind) => `upstream.${kind}`,
  ),
)

/** Whether an error from before anything was sent says that no connection came about. */
export const isAboutConnecting = (error: Error): boolean => CONNECTING.has(kindOf(error))

const CONNECTING: ReadonlySet<Kind | undefined> = new Set(['refused', 'untrusted', 'connectTimeout', 'reset'])

/** Whether a failure says that nothing can have been sent. */
export const isUnreachable = (error: unknown): boolean => error instanceof GatewayError && UNREACHABLE.has(error.code)

const UNREACHABLE: ReadonlySet<string> = new Set(['upstream.refused', 'upstream.untrusted', 'upstream.connectTimeout'])

/** Whether the connection ended before anything was answered: then the request may never have been seen. */
export const isReset = (error: Error): boolean => kindOf(error) === 'reset'

const failureOf = (kind: Kind, upstream: string, cause: Error): GatewayError =>
  upstreamErrors[kind]({ upstream }, { cause, internal: { upstream, reason: codeOf(cause) } })

function kindOf(error: Error): Kind | undefined {
  const code = codeOf(error)
  // undici's words for an answer that nobody asked for, or that switches protocols unasked.
  if (code === 'UND_ERR_SOCKET' && error.message.startsWith('bad ')) return 'badAnswer'
  if (code.startsWith('HPE_')) return 'badAnswer'
  if (code.startsWith('ERR_SSL_')) return 'refused'
  return KINDS[code] ?? (CERTIFICATE.test(code) ? 'untrusted' : undefined)
}

/** undici's parser errors carry their code only where its build knows one. */
const codeOf = (error: Error): string =>
  error.name !== 'HTTPParserError' && 'code' in error && typeof error.code === 'string' ? error.code : error.name

/** Node's names of OpenSSL's verification errors, and its own for a certificate of another host. */
const CERTIFICATE = /CERT|^UNABLE_TO_|SIGNATURE|^ERR_TLS_/
