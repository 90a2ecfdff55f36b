// The connections to one upstream: undici's pool, one request at a time on each.

import { buildConnector, Pool } from 'undici'
import type { UpstreamConfig } from './config.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export function createConnectionPool(
  url: UpstreamUrl,
  { timeouts, connections }: Pick<UpstreamConfig, 'timeouts' | 'connections'>,
): Pool {
  const connectSocket = buildConnector({ timeout: timeouts.connect, allowH2: false })
  return new Pool(url.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: timeouts.firstByte,
    bodyTimeout: timeouts.idle,
    connect: (options, callback) =>
      connectSocket(options, (...outcome) => {
        // undici takes a reset for the end of an answer that has no length (client-h1.js, meant for macOS), which would
        // make a clean short answer of a broken one. It looks at the code only, and our listener comes first.
        outcome[1]?.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET'
        })
        callback(...outcome)
      }),
  })
}
