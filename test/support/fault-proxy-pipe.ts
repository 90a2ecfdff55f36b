// One direction of a connection through the fault proxy: takes what comes, and passes it on as the faults of the moment
// allow. Nothing is lost while it is held back, and the order stays.

import { once } from 'node:events'
import type { Socket } from 'node:net'

/** What is wrong with one direction. */
export interface Faults {
  /** Everything arrives so much later. */
  readonly latencyMs?: number
  /** So much more or less latency, by chance; the order stays. */
  readonly jitterMs?: number
  readonly bytesPerSecond?: number
  /** Comes in pieces of at most so many bytes … */
  readonly pieceBytes?: number
  /** … with so much time between them. */
  readonly pieceGapMs?: number
  /** After so many more bytes the connection is cut. */
  readonly limitBytes?: number
  /** How it is cut: both sides see an end (the default) or a reset. */
  readonly limitBy?: 'close' | 'reset'
  /** An end is passed on so much later. */
  readonly slowCloseMs?: number
  /** A black hole: nothing passes, nothing ends. What was sent meanwhile arrives when this is over. */
  readonly isSilent?: boolean
}

export interface FaultyPipe {
  /** Takes the place of the faults before. */
  inject(faults: Faults): void
}

interface Chunk {
  readonly bytes: Buffer
  readonly atMs: number
  /** -1 to 1: which part of the jitter it gets. */
  readonly chance: number
}

/** What is held back at most; beyond it the sender feels it, as with a full network. */
const maxHeldBytes = 1024 * 1024
/** With little bandwidth bytes trickle so often, rather than in gusts. */
const tricklesPerSecond = 20

export function createFaultyPipe(from: Socket, to: Socket, random: () => number): FaultyPipe {
  const held: Chunk[] = []
  let faults: Faults = {}
  let heldBytes = 0
  let passedBytes = 0
  let endedAtMs: number | undefined
  let news = Promise.withResolvers<void>()

  const wake = (): void => {
    news.resolve()
    news = Promise.withResolvers()
  }

  /** Asks again after each change of the faults, so that what is healed flows at once. */
  const hold = async (remainingMs: () => number): Promise<void> => {
    for (let ms = remainingMs(); ms > 0; ms = remainingMs()) {
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(wake, ms)
      await news.promise
      clearTimeout(timer)
    }
  }
  const holdUntil = (dueAtMs: () => number): Promise<void> =>
    hold(() => {
      if (isOver()) return 0
      return faults.isSilent === true ? Number.POSITIVE_INFINITY : dueAtMs() - performance.now()
    })
  const isOver = (): boolean => to.destroyed || to.writableEnded || from.errored !== null

  const write = async (bytes: Buffer): Promise<void> => {
    passedBytes += bytes.length
    if (to.write(bytes) || isOver()) return
    const waiting = new AbortController()
    await Promise.race(['drain', 'close'].map((event) => once(to, event, waiting))).catch(() => {})
    waiting.abort()
  }

  const cut = (): void => {
    if (faults.limitBy === 'reset') {
      from.resetAndDestroy()
      to.resetAndDestroy()
      return
    }
    from.end()
    to.end()
  }

  /** @returns false when the limit was reached and the connection cut. */
  const pass = async ({ bytes, atMs, chance }: Chunk): Promise<boolean> => {
    await holdUntil(() => atMs + (faults.latencyMs ?? 0) + chance * (faults.jitterMs ?? 0))
    for (let at = 0; at < bytes.length && !isOver(); ) {
      const left = (faults.limitBytes ?? Number.POSITIVE_INFINITY) - passedBytes
      const piece = bytes.subarray(at, at + Math.min(pieceSize(faults), Math.max(left, 0)))
      await write(piece)
      at += piece.length
      const sentAtMs = performance.now()
      if (faults.limitBytes !== undefined && passedBytes >= faults.limitBytes) {
        cut()
        return false
      }
      await holdUntil(() => sentAtMs + gapMs(faults, piece.length))
    }
    return true
  }

  const run = async (): Promise<void> => {
    while (!isOver()) {
      const chunk = held.shift()
      if (chunk !== undefined) {
        if (!(await pass(chunk))) return
        heldBytes -= chunk.bytes.length
        if (heldBytes < maxHeldBytes) from.resume()
        continue
      }
      if (endedAtMs !== undefined) {
        const endAtMs = endedAtMs
        await holdUntil(() => endAtMs + (faults.latencyMs ?? 0) + (faults.slowCloseMs ?? 0))
        to.end()
        return
      }
      await news.promise
    }
  }

  from.on('data', (bytes: Buffer) => {
    held.push({ bytes, atMs: performance.now(), chance: random() * 2 - 1 })
    heldBytes += bytes.length
    if (heldBytes >= maxHeldBytes) from.pause()
    wake()
  })
  from.once('end', () => {
    endedAtMs = performance.now()
    wake()
  })
  from.once('close', wake)
  to.once('close', wake)
  // What nobody takes any more is read all the same, or the kernel would make a reset of the end.
  void run().finally(() => from.removeAllListeners('data').resume())

  return {
    inject(wanted) {
      faults = wanted
      passedBytes = 0
      wake()
    },
  }
}

const pieceSize = ({ pieceBytes, bytesPerSecond }: Faults): number =>
  Math.min(
    pieceBytes ?? Number.POSITIVE_INFINITY,
    bytesPerSecond === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.ceil(bytesPerSecond / tricklesPerSecond)),
  )

const gapMs = ({ pieceGapMs = 0, bytesPerSecond }: Faults, bytes: number): number =>
  pieceGapMs + (bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1_000)
