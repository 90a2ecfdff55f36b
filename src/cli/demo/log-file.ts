// Keeps the demo's log in a file, so that the box on the screen stays readable.

import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { LogSink } from '#telemetry'

export interface LogFile {
  readonly sink: LogSink
  close(): Promise<void>
}

export function openLogFile(path: string): LogFile {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
  return Object.freeze<LogFile>({
    sink: (entry) => void stream.write(`${JSON.stringify(entry)}\n`),
    async close() {
      stream.end()
      await finished(stream)
    },
  })
}
