// A WebSocket at the level of bytes, from either end: for handshakes and frames that no library would send.

import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { sendRaw } from './raw-http.ts'
import type { Behaviour, RecordedRequest } from './recording-upstream.ts'

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** The request of a handshake with the given changes; a header of `undefined` is left out. */
export function handshakeRequest(
  port: number,
  changes: Readonly<Record<string, string | undefined>> = {},
  line = 'GET /api/m/socket HTTP/1.1',
): string {
  const headers: Record<string, string | undefined> = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...changes,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `${[line, ...lines].join('\r\n')}\r\n\r\n`
}

/** What a handshake is answered with that a page of the gateway's own makes. */
export async function askForSocket(
  gatewayUrl: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { port, origin } = new URL(gatewayUrl)
  const request = handshakeRequest(Number(port), { Origin: origin, ...headers }, `GET ${path} HTTP/1.1`)
  return (await sendRaw(Number(port), request, /\r\n\r\n/)).status
}

/** The answer that accepts the handshake of a request. */
export function handshakeAnswer(request: RecordedRequest, more = ''): string {
  const [key] = request.all('sec-websocket-key')
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`
}

/** Accepts the handshake and hands over the socket. */
export const accepting =
  (opened: (socket: Socket) => void, more = ''): Behaviour =>
  (request, socket) => {
    socket.removeAllListeners('data')
    socket.write(handshakeAnswer(request, more))
    opened(socket)
  }

/** A frame in one piece. @param mask as clients must. */
export function frame(opcode: number, payload: string | Buffer, { mask = false, fin = true } = {}): Buffer {
  const bytes = Buffer.from(payload)
  const extended = Buffer.alloc(bytes.length > 65_535 ? 8 : bytes.length > 125 ? 2 : 0)
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(bytes.length))
  if (extended.length === 2) extended.writeUInt16BE(bytes.length)
  const length = extended.length === 8 ? 127 : extended.length === 2 ? 126 : bytes.length
  const head = Buffer.from([(fin ? 0x80 : 0) | opcode, (mask ? 0x80 : 0) | length])
  // A mask of zeros is a mask, and leaves the payload readable.
  return Buffer.concat([head, extended, Buffer.alloc(mask ? 4 : 0), bytes])
}

/** The code and reason of an unmasked Close frame, or of one with any mask. */
export function readClose(bytes: Buffer): { code: number; reason: string } | undefined {
  if (bytes[0] !== 0x88) return undefined
  const isMasked = ((bytes[1] ?? 0) & 0x80) !== 0
  const mask = isMasked ? bytes.subarray(2, 6) : Buffer.alloc(4)
  const start = isMasked ? 6 : 2
  const payload = bytes
    .subarray(start, start + ((bytes[1] ?? 0) & 0x7f))
    .map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return { code: Buffer.from(payload).readUInt16BE(), reason: Buffer.from(payload.subarray(2)).toString() }
}

export interface RawSocket {
  readonly socket: Socket
  /** The head of the answer. */
  readonly head: string
  /** Everything after the head so far. */
  readonly bytes: () => Buffer
  /** Resolves when what has come satisfies the test. */
  until(isEnough: (bytes: Buffer) => boolean): Promise<Buffer>
  /** Resolves with everything when the other side has ended or closed. */
  whenEnded(): Promise<Buffer>
}

/** Opens a connection, sends the handshake and waits for the head of the answer. */
export async function openRaw(port: number, request = handshakeRequest(port)): Promise<RawSocket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => socket.destroy())
  const watched = watch(socket)
  socket.write(request, 'latin1')
  const all = await watched.until((bytes) => bytes.includes('\r\n\r\n'))
  const headEnd = all.indexOf('\r\n\r\n') + 4
  return {
    socket,
    head: all.subarray(0, headEnd).toString('latin1'),
    bytes: () => watched.bytes().subarray(headEnd),
    until: async (isEnough) => (await watched.until((bytes) => isEnough(bytes.subarray(headEnd)))).subarray(headEnd),
    whenEnded: async () => (await watched.whenEnded()).subarray(headEnd),
  }
}

/** Collects what comes over a socket. */
export function watch(socket: Socket) {
  let received: Buffer = Buffer.alloc(0)
  let hasEnded = false
  let changed = Promise.withResolvers<void>()
  const announce = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const end = () => {
    hasEnded = true
    announce()
  }
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    announce()
  })
  socket.on('end', end).on('close', end)
  return {
    bytes: () => received,
    async until(isEnough: (bytes: Buffer) => boolean) {
      while (!isEnough(received)) {
        if (hasEnded)
          throw new Error(`ended after ${received.length} bytes: ${received.toString('latin1').slice(0, 200)}`)
        await changed.promise
      }
      return received
    },
    async whenEnded() {
      while (!hasEnded) await changed.promise
      return received
    },
  }
}
