// Follows WebSocket frames (RFC 6455 §5.2) as they go by, so that the gateway can end a tunnel between two of them.
// Keeps no byte of what it sees and costs a few steps per frame, whatever its size.

import { randomBytes } from 'node:crypto'

/** The place in one direction of a tunnel. */
export class FrameTracker {
  #part: 'start' | 'length' | 'extendedLength' | 'rest' = 'start'
  #opcode = 0
  /** Bytes of the extended length, then of mask and payload, still to come. */
  #left = 0
  #payload = 0
  #maskBytes = 0
  #messageFrames = 0
  #hasClosed = false

  /** Whether the next byte starts a frame. */
  get isAtBoundary(): boolean {
    return this.#part === 'start'
  }

  /** Whether a whole Close frame has gone by. */
  get hasClosed(): boolean {
    return this.#hasClosed
  }

  /** How many frames of messages, not of control, have begun. */
  get messageFrames(): number {
    return this.#messageFrames
  }

  /** Takes in all of the chunk, or only up to the first boundary in it. @returns how many bytes were taken. */
  advance(chunk: Uint8Array, until: 'end' | 'boundary' = 'end'): number {
    let at = 0
    while (at < chunk.length) {
      if (until === 'boundary' && this.isAtBoundary) return at
      if (this.#part === 'rest') at += this.#skip(chunk.length - at)
      else this.#readHead(chunk[at++] as number)
    }
    return at
  }

  #readHead(byte: number): void {
    if (this.#part === 'start') {
      this.#opcode = byte & 0x0f
      if (this.#opcode < 8) this.#messageFrames++
      this.#part = 'length'
    } else if (this.#part === 'length') {
      this.#readLength(byte)
    } else {
      this.#payload = this.#payload * 256 + byte
      this.#left--
      if (this.#left === 0) this.#enterRest()
    }
  }

  #readLength(byte: number): void {
    this.#maskBytes = byte & 0x80 ? 4 : 0
    const length = byte & 0x7f
    this.#payload = length < 126 ? length : 0
    this.#left = length === 126 ? 2 : length === 127 ? 8 : 0
    if (this.#left === 0) this.#enterRest()
    else this.#part = 'extendedLength'
  }

  #enterRest(): void {
    this.#part = 'rest'
    this.#left = this.#maskBytes + this.#payload
    this.#skip(0)
  }

  #skip(available: number): number {
    const skipped = Math.min(available, this.#left)
    this.#left -= skipped
    if (this.#left > 0) return skipped
    this.#part = 'start'
    if (this.#opcode === CLOSE) this.#hasClosed = true
    return skipped
  }
}

const CLOSE = 8

/**
 * A Close frame (RFC 6455 §5.5.1).
 *
 * @param to frames to a server are masked (§5.3).
 * @param reason in ASCII, at most 123 characters.
 */
export function closeFrame(to: 'client' | 'server', code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + reason.length)
  payload.writeUInt16BE(code)
  payload.write(reason, 2, 'latin1')
  if (to === 'client') return Buffer.concat([Buffer.from([0x88, payload.length]), payload])
  const mask = randomBytes(4)
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] as number)
  return Buffer.concat([Buffer.from([0x88, 0x80 | payload.length]), mask, payload])
}
