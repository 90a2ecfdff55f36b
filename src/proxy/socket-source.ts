// Where the upstream's half of a WebSocket comes from: an endpoint chosen like that of a request, and another one where
// no connection comes about.

import type { RequestContext } from '#http'
import type { Endpoint } from './endpoint.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import type { Handshake } from './handshake.ts'
import { type OpenedSocket, openSocket, type SocketOpener } from './open-socket.ts'
import type { OutgoingRequest } from './signer.ts'
import { isUnreachable } from './upstream-failure.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export interface SocketSourceOptions {
  readonly pool: EndpointPool
  readonly opener: SocketOpener
  /** Told of each handshake that is tried once more. */
  readonly onRepeat: () => void
}

export interface EndpointSocket extends OpenedSocket {
  readonly endpoint: Endpoint
}

/** The request as it will go out to this address, signed. */
export type ToOutgoing = (ctx: RequestContext, url: UpstreamUrl) => OutgoingRequest | Promise<OutgoingRequest>

export type SocketSource = (outgoing: ToOutgoing, ctx: RequestContext, handshake: Handshake) => Promise<EndpointSocket>

export function createSocketSource({ pool, opener, onRepeat }: SocketSourceOptions): SocketSource {
  const openAt = async (
    endpoint: Endpoint,
    outgoing: ToOutgoing,
    ctx: RequestContext,
    handshake: Handshake,
  ): Promise<EndpointSocket> => {
    const request = await outgoing(ctx, endpoint.url)
    endpoint.tunnels++
    try {
      const opened = await openSocket(opener, endpoint.url, request, handshake, ctx.aborted)
      pool.answered(endpoint, 101)
      opened.socket.once('close', () => endpoint.tunnels--)
      return { ...opened, endpoint }
    } catch (error) {
      endpoint.tunnels--
      pool.failed(endpoint, error as Error)
      throw error
    }
  }

  return async (outgoing, ctx, handshake) => {
    const first = pool.pick()
    try {
      return await openAt(first, outgoing, ctx, handshake)
    } catch (error) {
      const second = pool.pick(first)
      // Only what has not been sent: a handshake may have begun something.
      if (second === first || ctx.aborted.aborted || !isUnreachable(error)) throw error
      onRepeat()
      return openAt(second, outgoing, ctx, handshake)
    }
  }
}
