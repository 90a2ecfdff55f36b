// Takes log lines to a file descriptor without making requests wait: lines are gathered for a moment and written
// together in the background. A reader that stands still costs bounded memory: lines are dropped and counted. One that
// has gone away costs nothing.

import { write, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Clock } from '#kernel'

const GATHER_MS = 50
const GATHER_LENGTH = 64 * 1024
const MAX_WAITING_LENGTH = 8 * 1024 * 1024
const CLOSE_TIMEOUT_MS = 1000

export interface LineWriter {
  write(line: string): void
  /** Resolves when everything so far is with the operating system, or after a second if its reader stands still. */
  close(): Promise<void>
}

export interface LineWriterOptions {
  /** 1 is standard output. */
  readonly fd: number
  readonly clock: Clock
  /** Other processes write there too: only what a pipe takes in one piece is written at once. */
  readonly sharesOutput?: boolean
  /** Told of each line that is thrown away. */
  readonly onDropped: () => void
}

export function createLineWriter({ fd, clock, sharesOutput = false, onDropped }: LineWriterOptions): LineWriter {
  let waiting = ''
  let writing: Promise<void> | undefined
  let isGone = false
  let cancelTimer: (() => void) | undefined

  const writeOut = async (text: string): Promise<void> => {
    let rest = Buffer.from(text)
    while (rest.length > 0 && !isGone) {
      try {
        const piece = sharesOutput ? rest.subarray(0, endOfLines(rest, PIPE_BUF)) : rest
        const { bytesWritten } = await writeAsync(fd, piece)
        rest = rest.subarray(bytesWritten)
      } catch (error) {
        // The runtime's own timer, because it keeps the process alive until the line is out.
        if (isBusy(error)) await delay(GATHER_MS)
        else isGone = true
      }
    }
  }

  const flush = (): Promise<void> => {
    cancelTimer?.()
    cancelTimer = undefined
    if (writing !== undefined) return writing
    const text = waiting
    waiting = ''
    writing = writeOut(text).then(() => {
      writing = undefined
      if (waiting.length > 0) flushSoon()
    })
    return writing
  }

  const flushSoon = (): void => {
    cancelTimer ??= clock.after(GATHER_MS, () => void flush())
  }

  const flushAll = async (): Promise<void> => {
    while (writing !== undefined || waiting.length > 0) await flush()
  }

  /** The process is ending: nothing asynchronous happens any more. What a busy reader does not take now is lost. */
  const flushNow = (): void => {
    if (isGone || waiting.length === 0) return
    try {
      writeSync(fd, waiting)
    } catch {
      // There is nobody left to tell.
    }
    waiting = ''
  }
  process.on('exit', flushNow)

  return Object.freeze({
    write(line: string) {
      if (isGone) return
      if (waiting.length + line.length > MAX_WAITING_LENGTH) return onDropped()
      waiting += line
      if (waiting.length >= GATHER_LENGTH && writing === undefined) void flush()
      else flushSoon()
    },
    async close() {
      const timeout = new AbortController()
      const given = delay(CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined)
      await Promise.race([flushAll(), given])
      timeout.abort()
      process.removeListener('exit', flushNow)
    },
  })
}

const writeAsync = promisify(write)

/** pipe(7): up to this many bytes are written as one, on Linux; a line has half of it at most. */
const PIPE_BUF = 4096

/** Where the last line that fits ends; of one that does not fit, its own end. */
function endOfLines(bytes: Buffer, limit: number): number {
  if (bytes.length <= limit) return bytes.length
  const last = bytes.lastIndexOf(NEWLINE, limit - 1)
  return (last === -1 ? bytes.indexOf(NEWLINE) : last) + 1 || bytes.length
}

const NEWLINE = 10

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY')
