// `telemetry` of what is written: how much is logged.

import type { Original } from './original.ts'
import { group, type Setting, setting } from './setting.ts'

const LEVELS: Readonly<Record<string, string>> = {
  notset: 'debug',
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  fatal: 'error',
}

export function readTelemetry(original: Original): readonly Setting[] {
  const isDebugging = original.flag('debug.enabled') === true
  const written = original.text('logging.level')
  const level = LEVELS[written?.toLowerCase() ?? 'info']
  if (level === undefined) {
    original.refuse(
      'logging.level',
      'it is no level of the original',
      'write one of DEBUG, INFO, WARNING, ERROR, CRITICAL',
    )
  }
  return group(
    'telemetry',
    [
      ...group('log', setting('level', isDebugging ? 'debug' : level)),
      ...group('metrics', [
        ...setting('listen', '127.0.0.1:9090'),
        ...setting('prefix', 'backendai', 'As dashboards for Backend.AI expect it.'),
      ]),
    ],
    'Logs go to standard output, one JSON object a line. The original had no metrics: here Prometheus finds them at',
    '/metrics of this address.',
  )
}
