// The gateway's half of a WebSocket handshake: asks the upstream, and comes back with the open socket or an error that
// can still be answered. The bytes after the handshake are none of its business.

import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Duplex } from 'node:stream'
import { type Clock, nodeHttp } from '#kernel'
import { toTlsOptions } from './connection-pool.ts'
import { upstreamErrors } from './errors.ts'
import { acceptFor, type Handshake, tokensOf } from './handshake.ts'
import type { AnswerHeaders } from './headers.ts'
import type { ServiceConfig } from './service-config.ts'
import type { OutgoingRequest } from './signer.ts'
import { toUpstreamFailure } from './upstream-failure.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export interface OpenedSocket {
  readonly socket: Duplex
  /** What came behind the answer's head. */
  readonly head: Buffer
  readonly headers: AnswerHeaders
}

export interface SocketOpener {
  readonly upstream: string
  readonly config: Pick<ServiceConfig, 'timeouts' | 'tls'>
  readonly clock: Clock
}

/** @param aborted fires when the client leaves. @throws what `upstreamErrors` lists */
export function openSocket(
  { upstream, config, clock }: SocketOpener,
  url: UpstreamUrl,
  outgoing: OutgoingRequest,
  handshake: Handshake,
  aborted: AbortSignal,
): Promise<OpenedSocket> {
  const { timeouts, tls } = config
  const request = send(url, tls, outgoing)
  const fail = (error: Error) => void request.destroy(error)
  const onAbort = () => fail(new Error('the client has left'))
  aborted.addEventListener('abort', onAbort, { once: true })
  let cancel = clock.after(timeouts.connect, () => fail(upstreamErrors.connectTimeout({ upstream })))
  request.once('socket', (socket) =>
    socket.once(url.isTls ? 'secureConnect' : 'connect', () => {
      cancel()
      cancel = clock.after(timeouts.firstByte, () => fail(upstreamErrors.timeout({ upstream })))
    }),
  )
  const opened = new Promise<OpenedSocket>((resolve, reject) => {
    request.once('upgrade', (answer, socket, head) => {
      const fault = findFault(answer, handshake)
      if (fault === undefined) return resolve({ socket, head, headers: answer.headersDistinct })
      socket.destroy()
      reject(upstreamErrors.badAnswer({ upstream }, { internal: { upstream, reason: fault } }))
    })
    request.once('response', (answer) => {
      const status = answer.statusCode ?? 0
      reject(upstreamErrors.webSocketRefused({ upstream, status }, { internal: { upstream } }))
      request.destroy()
    })
    request.on('error', (error) => reject(toUpstreamFailure(upstream, error)))
    request.end()
  })
  return opened.finally(() => {
    cancel()
    aborted.removeEventListener('abort', onAbort)
  })
}

function send(url: UpstreamUrl, tls: ServiceConfig['tls'], outgoing: OutgoingRequest): ClientRequest {
  const options = {
    host: url.hostname,
    port: url.port,
    ...(url.socketPath !== undefined && { socketPath: url.socketPath }),
    ...(url.lookup !== undefined && { lookup: url.lookup }),
    method: 'GET',
    path: outgoing.target,
    headers: ['host', outgoing.host, 'connection', 'Upgrade', 'upgrade', 'websocket', ...outgoing.headers],
    // No pool: the socket is the tunnel's. A side that has said all it has to say may still listen.
    agent: false,
    allowHalfOpen: true,
  } as const
  return url.isTls ? requestHttps({ ...options, ...toTlsOptions(tls) }) : nodeHttp.request(options)
}

/** RFC 6455 §4.1: what makes an answer the end of this handshake and of no other. */
function findFault({ headers }: IncomingMessage, { key, protocols }: Handshake): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'it upgrades to something else than WebSocket'
  if (!tokensOf(headers.connection?.toLowerCase()).includes('upgrade')) return 'its Connection does not say "Upgrade"'
  if (headers['sec-websocket-accept'] !== acceptFor(key)) return 'it accepts another handshake'
  const chosen = headers['sec-websocket-protocol']
  return chosen === undefined || protocols.includes(chosen) ? undefined : 'it chose a subprotocol that was not offered'
}
