// The log that features get: redacted fields, written by pino. Fields bound by `child` are merged when an event is
// written, so a request that logs nothing pays nothing; pino's own children cost more than the line itself.

import pino from 'pino'
import type { Clock } from '#kernel'
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
}

export function createLogger({ level, clock, write }: LoggerOptions): Logger {
  const root = pino(
    { level, base: null, timestamp: createTimestamp(clock), formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => write(boundLine(line)) },
  )

  const emit = (at: LogLevel, bound: Bound, fields: LogFields, message: string): void => {
    if (!root.isLevelEnabled(at)) return
    const entry: Record<string, unknown> = {}
    redactInto(entry, bound)
    redactInto(entry, fields)
    root[at](entry, redactText(message))
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

/** The wall clock in ISO form, as pino wants it; many lines share a millisecond. */
function createTimestamp(clock: Clock): () => string {
  let lastMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = clock.now()
    if (nowMs !== lastMs) text = `,"time":"${new Date(nowMs).toISOString()}"`
    lastMs = nowMs
    return text
  }
}
