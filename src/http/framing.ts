// What plain Node accepts and must not pass on: one reading of the message's frame, or 400.
// Runs before anything else looks at the headers.

import type { IncomingMessage } from 'node:http'
import type { GatewayError } from '#kernel'
import { httpErrors } from './errors.ts'

/** More lines than this are refused: Node would drop the rest in silence. */
export const MAX_HEADER_LINES = 200

/** @returns why the message is refused, or undefined. */
export function findFramingFault(request: IncomingMessage): GatewayError | undefined {
  const { rawHeaders } = request
  if (request.httpVersion !== '1.1' && request.httpVersion !== '1.0') return httpErrors.unsupportedVersion({})
  if (rawHeaders.length >= MAX_HEADER_LINES * 2) return httpErrors.tooManyHeaders({ limit: MAX_HEADER_LINES })
  // One bit for each singleton that was seen: this runs for every request.
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rawName = rawHeaders[index] as string
    if (!SINGLETON_LENGTHS.has(rawName.length)) continue
    const name = rawName.toLowerCase()
    const bit = SINGLETON_BITS.get(name)
    if (bit === undefined) continue
    if ((seen & bit) !== 0) return malformed(`it has several ${name} headers`)
    seen |= bit
    const fault = CHECKS[name]?.(rawHeaders[index + 1] as string, request)
    if (fault !== undefined) return typeof fault === 'string' ? malformed(fault) : fault
  }
  // RFC 9112 §3.2: a client MUST send Host in every HTTP/1.1 request.
  return (seen & HOST_BIT) !== 0 ? undefined : malformed('it has no Host header')
}

/** Headers of which a second line would give the message a second reading. */
const SINGLETONS = [
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'authorization',
  'origin',
  'expect',
  'upgrade',
  'sec-fetch-site',
  'sec-websocket-key',
  'sec-websocket-version',
] as const

const SINGLETON_BITS: ReadonlyMap<string, number> = new Map(SINGLETONS.map((name, index) => [name, 1 << index]))
const SINGLETON_LENGTHS: ReadonlySet<number> = new Set(SINGLETONS.map(({ length }) => length))
const HOST_BIT = 1 << SINGLETONS.indexOf('host')

const CHECKS: Readonly<Record<string, (value: string, request: IncomingMessage) => string | GatewayError | undefined>> =
  {
    host: (value) => (HOST.test(value) ? undefined : 'its Host header is not a host and port'),
    // RFC 9112 §6.2 allows only digits; a leading zero is octal to some.
    'content-length': (value) =>
      /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? undefined : 'its Content-Length is not a plain decimal number',
    // RFC 9112 §6.1: a transfer coding other than chunked is one that we do not understand.
    'transfer-encoding': (value, { httpVersion }) => {
      if (httpVersion === '1.0') return 'it is HTTP/1.0 with a Transfer-Encoding'
      return /^chunked$/i.test(value) ? undefined : 'its Transfer-Encoding is not exactly "chunked"'
    },
    expect: (value) => (/^100-continue$/i.test(value) ? undefined : httpErrors.expectationFailed({})),
  }

/** RFC 3986 §3.2.2 host with optional port; no user-info, never empty. */
const HOST = /^(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/

const malformed = (reason: string): GatewayError => httpErrors.malformedRequest({ reason })
