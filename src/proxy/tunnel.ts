// An open WebSocket: bytes as they are in both directions, with the back-pressure of each side on the other, and the
// means to end it between two frames with a reason. Made by `tunnels.ts` when the handshake is through.
// Never speaks for a side that is still speaking: what it says itself, it says once, last.

import type { Duplex } from 'node:stream'
import type { Clock } from '#kernel'
import { closeFrame, FrameTracker } from './frames.ts'
import { releaseWhenWritten } from './release-chunk.ts'

/** Why the gateway itself ends a tunnel (RFC 6455 §7.4, 4000 to 4999 are for applications). */
export interface TunnelEnd {
  readonly code: 1011 | 1012 | 4401 | 4403 | 4404 | 4408
  /** ASCII, at most 100 characters. */
  readonly reason: string
}

export interface TunnelOptions {
  readonly client: Duplex
  readonly upstream: Duplex
  readonly clock: Clock
  /** The client began a message. */
  readonly onMessage: () => void
  /** Both sockets are closed. */
  readonly onOver: () => void
}

/** One side: its socket, where it is in what it sends, and what the gateway has still to tell it. */
interface Side {
  readonly socket: Duplex
  readonly frames: FrameTracker
  readonly lastWords: (end: TunnelEnd) => Buffer
  due: Buffer | undefined
  /** Nothing more is written to it. */
  isDone: boolean
  /** It sends nothing more. */
  hasEnded: boolean
}

export class Tunnel {
  readonly #client: Side
  readonly #upstream: Side
  readonly #options: TunnelOptions
  #lastActiveMs: number
  #graceMs = Number.POSITIVE_INFINITY
  #cancelDeadline: (() => void) | undefined = undefined
  #closedSockets = 0

  constructor(options: TunnelOptions) {
    this.#options = options
    this.#lastActiveMs = options.clock.monotonicMs()
    this.#client = createSide(options.client, ({ code, reason }) => closeFrame('client', code, reason))
    // For the service behind, it is the page that goes away; our own codes would tell it nothing.
    this.#upstream = createSide(options.upstream, ({ reason }) => closeFrame('server', 1001, reason))
    this.#attach(this.#client, this.#upstream)
    this.#attach(this.#upstream, this.#client)
  }

  /** When a byte last went by, on the monotonic clock. */
  get lastActiveMs(): number {
    return this.#lastActiveMs
  }

  /** Passes on what came with the two halves of the handshake. */
  begin(clientHead: Buffer, upstreamHead: Buffer): void {
    if (clientHead.length > 0) this.#relay(clientHead, this.#client, this.#upstream)
    if (upstreamHead.length > 0) this.#relay(upstreamHead, this.#upstream, this.#client)
  }

  /** Ends both directions at the next boundary; what does not come to one soon is cut. */
  end(end: TunnelEnd): void {
    this.#endSide(this.#upstream, this.#client, end)
    this.#endSide(this.#client, this.#upstream, end)
    this.#setDeadline(END_GRACE_MS)
  }

  destroy(): void {
    this.#client.socket.destroy()
    this.#upstream.socket.destroy()
  }

  #attach(from: Side, to: Side): void {
    const { socket } = from
    socket.on('data', (chunk: Buffer) => this.#relay(chunk, from, to))
    socket.on('drain', () => to.socket.resume())
    socket.on('end', () => this.#onEnd(from, to))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#onClose(from, to))
  }

  #relay(chunk: Buffer, from: Side, to: Side): void {
    this.#lastActiveMs = this.#options.clock.monotonicMs()
    if (to.isDone) return
    if (to.due === undefined) {
      this.#follow(chunk, from)
      if (!to.socket.write(chunk, releaseWhenWritten(chunk))) from.socket.pause()
      return
    }
    // We are to have the last word: the frame on its way is let through, and nothing after it.
    const taken = from.frames.advance(chunk, 'boundary')
    if (taken > 0) to.socket.write(chunk.subarray(0, taken))
    if (from.frames.isAtBoundary) this.#sayLastWords(from, to)
  }

  #follow(chunk: Buffer, from: Side): void {
    const { messageFrames } = from.frames
    from.frames.advance(chunk)
    if (from === this.#client && from.frames.messageFrames > messageFrames) this.#options.onMessage()
  }

  /** @param from whose frames must be between two for `to` to be told. */
  #endSide(from: Side, to: Side, end: TunnelEnd): void {
    if (to.isDone || to.due !== undefined) return
    to.due = to.lastWords(end)
    if (from.frames.isAtBoundary) this.#sayLastWords(from, to)
  }

  #sayLastWords(from: Side, to: Side): void {
    // RFC 6455 §5.5.1: nothing after a Close, ours included.
    if (to.due !== undefined && !from.frames.hasClosed) to.socket.write(to.due)
    this.#finish(from, to)
  }

  /** What `from` still sends is read and dropped, so that it sees an orderly end. */
  #finish(from: Side, to: Side): void {
    if (to.isDone) return
    to.isDone = true
    to.socket.end()
    from.socket.resume()
  }

  #onEnd(from: Side, to: Side): void {
    from.hasEnded = true
    if (from === this.#upstream && !from.frames.hasClosed) this.#upstreamVanished()
    else this.#finish(from, to)
    this.#setDeadline(HALF_CLOSED_MS)
  }

  #onClose(from: Side, to: Side): void {
    this.#closedSockets++
    if (this.#closedSockets === 2) {
      this.#cancelDeadline?.()
      this.#options.onOver()
    } else if (from.hasEnded) {
      this.#setDeadline(END_GRACE_MS)
    } else if (from === this.#upstream && !to.isDone) {
      this.#upstreamVanished()
    } else {
      to.socket.destroy()
    }
  }

  /** The client is told, if it can be; in the middle of a frame only the end of the connection says it. */
  #upstreamVanished(): void {
    if (this.#upstream.frames.isAtBoundary) {
      this.#endSide(this.#upstream, this.#client, { code: 1011, reason: 'the service hung up' })
      this.#setDeadline(END_GRACE_MS)
    } else {
      this.#client.socket.destroy()
    }
  }

  /** The first deadline stands, unless a shorter one comes. */
  #setDeadline(graceMs: number): void {
    if (graceMs >= this.#graceMs) return
    this.#graceMs = graceMs
    this.#cancelDeadline?.()
    this.#cancelDeadline = this.#options.clock.after(graceMs, () => this.destroy())
  }
}

/** For the answer to a Close of ours. */
const END_GRACE_MS = 2000
/** For the rest of what a side has to say after the other has ended. */
const HALF_CLOSED_MS = 30_000

const createSide = (socket: Duplex, lastWords: Side['lastWords']): Side => ({
  socket,
  frames: new FrameTracker(),
  lastWords,
  due: undefined,
  isDone: false,
  hasEnded: false,
})
