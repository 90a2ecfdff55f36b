// The client's half of a WebSocket handshake (RFC 6455 §4.2.1), and whether the page that sent it may.
// Asked before anything is opened upstream.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { webSocketErrors } from './errors.ts'

export interface Handshake {
  readonly key: string
  /** Subprotocols offered. */
  readonly protocols: readonly string[]
}

/** @throws webSocket.malformed, webSocket.version, webSocket.origin */
export function parseHandshake(request: IncomingMessage, isAllowedOrigin: (origin: string) => boolean): Handshake {
  const { headers } = request
  const fault = findFault(request)
  if (fault !== undefined) throw webSocketErrors.malformed({ reason: fault })
  if (headers['sec-websocket-version'] !== '13') throw webSocketErrors.version({})
  // A browser always says where a WebSocket comes from; who sends a cookie without saying so is none, or was helped.
  const isOurs = headers.origin === undefined ? headers.cookie === undefined : isAllowedOrigin(headers.origin)
  if (!isOurs) throw webSocketErrors.origin({})
  return { key: headers['sec-websocket-key'] as string, protocols: tokensOf(headers['sec-websocket-protocol']) }
}

/** What proves that the server meant this handshake (RFC 6455 §4.2.2 item 5.4). */
export const acceptFor = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

export const tokensOf = (list: string | undefined): readonly string[] =>
  list === undefined ? [] : list.split(',').map((token) => token.trim())

function findFault({ method, httpVersion, headers }: IncomingMessage): string | undefined {
  if (method !== 'GET') return 'it is not a GET'
  if (httpVersion !== '1.1') return 'it is not HTTP/1.1'
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'its Upgrade is not "websocket"'
  if (!tokensOf(headers.connection?.toLowerCase()).includes('upgrade')) return 'its Connection does not say "Upgrade"'
  // RFC 6455 §4.1: 16 bytes in base64, in the one spelling that leaves no bits over.
  if (!/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(headers['sec-websocket-key'] ?? ''))
    return 'its key is not 16 bytes in base64'
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return hasBody ? 'it has a body' : undefined
}
