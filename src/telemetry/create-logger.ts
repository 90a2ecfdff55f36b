// The log that features get: one JSON object a line, redacted. Fields bound by `child` are merged when an event is
// written, so a request that logs nothing pays nothing.

import type { Clock } from '#kernel'
import { createLineLimit, isAnswered } from './line-limit.ts'
import { boundLine } from './log-line.ts'
import type { LogFields, Logger } from './logger.ts'
import { redactInto, redactText } from './redact.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LoggerOptions {
  /** The least important level that is written. */
  readonly level: LogLevel | 'silent'
  readonly clock: Clock
  /** Takes each finished line, its newline included. Must not throw. */
  readonly write: (line: string) => void
  /** Told of each line that was left out because there were too many of its event. */
  readonly onLeftOut?: (event: string) => void
}

/** From the least to the most important. */
const LEVELS: readonly LoggerOptions['level'][] = ['debug', 'info', 'warn', 'error', 'silent']

export function createLogger({ level, clock, write, onLeftOut = () => {} }: LoggerOptions): Logger {
  const limit = createLineLimit({ clock, onLeftOut })
  const least = LEVELS.indexOf(level)
  const timestamp = createTimestamp(clock)

  const emit = (at: LogLevel, bound: Bound, fields: LogFields, message: string): void => {
    if (LEVELS.indexOf(at) < least) return
    const leftOut = isAnswered(fields) ? 0 : limit.take(fields.event)
    if (leftOut === undefined) return
    const entry: Record<string, unknown> = { level: at, time: timestamp() }
    redactInto(entry, bound)
    redactInto(entry, fields)
    if (leftOut > 0) entry.left_out_lines = leftOut
    entry.msg = redactText(message)
    write(boundLine(`${JSON.stringify(entry)}\n`))
  }

  // Methods are closures, so that they may be passed around on their own.
  const bindTo = (bound: Bound): Logger => ({
    debug: (fields, message) => emit('debug', bound, fields, message),
    info: (fields, message) => emit('info', bound, fields, message),
    warn: (fields, message) => emit('warn', bound, fields, message),
    error: (fields, message) => emit('error', bound, fields, message),
    child: (fields) => bindTo({ ...bound, ...fields }),
  })
  return bindTo({})
}

type Bound = Readonly<Record<string, unknown>>

/** The wall clock in ISO form; many lines share a millisecond. */
function createTimestamp(clock: Clock): () => string {
  let lastMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = clock.now()
    if (nowMs !== lastMs) text = new Date(nowMs).toISOString()
    lastMs = nowMs
    return text
  }
}
