// What a request calls its session at the webserver's addresses: a header, which goes first, or a cookie (§2.1). The name
// is the session's secret.

import { type RequestContext, readCookies } from '#http'
import { webserverErrors } from './server/errors.ts'

export const SESSION_COOKIE = 'AIOHTTP_SESSION'
export const SESSION_HEADER = 'X-BackendAI-SessionID'
/** For `Mount.programHeader`: every client of the protocol says which version it speaks (§9.2). */
export const PROGRAM_HEADER = 'x-backendai-version'

/**
 * For `Mount.sessionName`. A header or cookie that is no name is returned as it came, and is nobody's.
 *
 * @returns undefined if the request has neither
 * @throws webserver.invalidParameters for a header of the protocol without a value
 */
export function readSessionName({ request: { headers } }: RequestContext): string | undefined {
  const empty = VALUED.find((name) => headers[name] === '')
  if (empty !== undefined) throw webserverErrors.invalidParameters({ reason: `The header ${empty} is empty.` })
  const header = headers['x-backendai-sessionid']
  if (header !== undefined) return String(header)
  const [first, ...others] = readCookies(headers.cookie, SESSION_COOKIE)
  // Several mean that somebody else set one: then the request is nobody's.
  return others.every((other) => other === first) ? first : NOBODY
}

/** Headers of the protocol that must say something where they are sent. */
const VALUED = ['x-backendai-sessionid', PROGRAM_HEADER] as const

const NOBODY = ''
