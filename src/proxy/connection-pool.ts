// How an endpoint is reached: over TCP, TLS or a unix socket, within the time that the configuration gives; and undici's
// pool of such connections, one request at a time on each.

import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { buildConnector as Connector } from 'undici'
import type { Clock } from '#kernel'
import { releaseAllWritten } from './release-chunk.ts'
import type { ServiceConfig } from './service-config.ts'
import type { UpstreamTls } from './tls-config.ts'
import { buildConnector, errors, Pool } from './undici.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export interface ConnectOptions {
  readonly url: UpstreamUrl
  readonly tls: UpstreamTls | undefined
  readonly connectMs: number
  readonly clock: Clock
}

type TlsOptions = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>

/** Whom we believe, as whom we come, and which name we ask for. */
export const toTlsOptions = (tls: UpstreamTls | undefined): TlsOptions => ({
  ...(tls?.ca !== undefined && { ca: tls.ca }),
  ...(tls?.certificate !== undefined && { cert: tls.certificate }),
  ...(tls?.key !== undefined && { key: tls.key.reveal() }),
  ...(tls?.serverName !== undefined && { servername: tls.serverName }),
  rejectUnauthorized: tls?.dangerouslyAcceptAnyCertificate !== true,
})

export function createConnector({ url, tls, connectMs, clock }: ConnectOptions): Connector.connector {
  const { socketPath, lookup } = url
  // undici's own limit is up to half a second late.
  const connectSocket = buildConnector({
    ...(url.isTls && toTlsOptions(tls)),
    ...(socketPath !== undefined && { socketPath }),
    ...(lookup !== undefined && { lookup }),
    timeout: 0,
    allowH2: false,
  })
  return (options, callback) => {
    const cancel = clock.after(connectMs, () => socket.destroy(new errors.ConnectTimeoutError()))
    // undici's types hide that a connector returns the socket it opens.
    const socket = connectSocket(options, (...outcome) => {
      cancel()
      callback(...outcome)
    }) as unknown as Socket
  }
}

export function createConnectionPool(
  options: ConnectOptions,
  { timeouts, connections }: Pick<ServiceConfig, 'timeouts' | 'connections'>,
): Pool {
  const connectSocket = createConnector(options)
  return new Pool(options.url.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    // Late by up to a second and a half: for what an exchange, which keeps the limit itself, does not see.
    headersTimeout: timeouts.firstByte,
    bodyTimeout: timeouts.idle,
    connect: (to, callback) =>
      connectSocket(to, (...outcome) => {
        // Not by the socket: undici gives none with an error, where its types say null.
        if (outcome[0] === null) prepare(outcome[1])
        callback(...outcome)
      }),
  })
}

function prepare(socket: Socket): void {
  // undici takes a reset for the end of an answer that has no length (client-h1.js, meant for macOS), which would make a
  // clean short answer of a broken one. It looks at the code only, and our listener comes first.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET'
  })
  releaseAllWritten(socket)
}
