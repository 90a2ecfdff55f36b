// The WebSockets of one service: opens them once the steps of the request have passed, and ends them with their
// session, after an hour of silence, and at shutdown.

import type { Duplex } from 'node:stream'
import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import { upstreamErrors } from './errors.ts'
import { parseHandshake } from './handshake.ts'
import type { HeaderList } from './header-list.ts'
import type { HeaderRules } from './headers.ts'
import { createLiveTunnels, type Judge, type Opening } from './live-tunnels.ts'
import { MOVED } from './retirement.ts'
import type { ServiceConfig } from './service-config.ts'
import { createSocketSource, type SocketSourceOptions, type ToOutgoing } from './socket-source.ts'
import { Tunnel } from './tunnel.ts'
import { createHolds, type Hold, type HoldDeps } from './tunnel-holds.ts'

export interface Tunnels {
  /** Resolves when the tunnel is open; what it throws can still be answered on the socket. */
  open(way: TunnelWay, ctx: RequestContext, socket: Duplex, head: Buffer): Promise<void>
  count(): number
  /** After a reload: ends those that may not go on. Resolves when none is open. */
  retire(judge: Judge): Promise<void>
  /** Ends all of them with 1012, and cuts what is left at the deadline. */
  drain(deadline: AbortSignal): Promise<void>
  /** Cuts all of them. */
  stop(): void
}

/** How the WebSockets of one lane go. */
export interface TunnelWay {
  readonly rules: HeaderRules
  readonly outgoing: ToOutgoing
  /** Whether it is the origin of the pages that are shown where the lane begins. */
  readonly isOwnOrigin: (origin: string) => boolean
  readonly openingOf: (ctx: RequestContext) => Opening
}

export interface TunnelsOptions extends Omit<SocketSourceOptions, 'opener'> {
  readonly upstream: string
  readonly config: Pick<ServiceConfig, 'webSockets' | 'timeouts' | 'tls'>
  readonly sessions: HoldDeps['sessions']
  readonly identity: HoldDeps['identity']
  readonly clock: Clock
}

export function createTunnels(options: TunnelsOptions): Tunnels {
  const { upstream, config, clock } = options
  const origins = new Set(config.webSockets.origins)
  const holds = createHolds(config.webSockets, options)
  const openSomewhere = createSocketSource({ ...options, opener: { upstream, config, clock } })
  const live = createLiveTunnels(config.webSockets.idle, clock)

  const connect = async (
    way: TunnelWay,
    ctx: RequestContext,
    client: Duplex,
    head: Buffer,
    hold: Hold,
  ): Promise<void> => {
    const handshake = parseHandshake(ctx.request, (origin) => way.isOwnOrigin(origin) || origins.has(origin))
    const stopWatching = watchForEnd(client)
    const opened = await openSomewhere(way.outgoing, ctx, handshake).finally(stopWatching)
    if (client.destroyed) {
      opened.socket.destroy()
      return hold.release()
    }
    client.write(answerHead(way.rules.toClient(ctx, 101, opened.headers)), 'latin1')
    const tunnel = new Tunnel({
      client,
      upstream: opened.socket,
      clock,
      onMessage: hold.used,
      onOver: () => {
        forgetEndpoint()
        live.remove(tunnel)
        hold.release()
      },
    })
    live.add(tunnel, way.openingOf(ctx))
    tunnel.begin(head, opened.head)
    hold.bind(tunnel)
    const forgetEndpoint = opened.endpoint.whenLeaving(() => tunnel.end(MOVED))
  }

  return Object.freeze({
    async open(way: TunnelWay, ctx: RequestContext, client: Duplex, head: Buffer) {
      if (live.isStopping()) throw upstreamErrors.stopping({})
      // While the checks ran: nobody hears of an end again that was there before.
      if (client.readableEnded) return void client.destroy()
      const hold = holds.take(ctx)
      try {
        await connect(way, ctx, client, head, hold)
      } catch (error) {
        hold.release()
        // Whoever has left is told nothing.
        if (!ctx.aborted.aborted) throw error
      }
    },
    count: live.count,
    retire: live.retire,
    drain: live.drain,
    stop: live.stop,
  })
}

/** A socket that nobody reads does not notice that the other side has left. @returns a function that ends the watch. */
function watchForEnd(client: Duplex): () => void {
  // Looks for the end only: what is there already is the tunnel's to read.
  const onReadable = () => {
    if (client.readableLength === 0) client.read()
  }
  const onEnd = () => client.destroy()
  client.on('readable', onReadable).once('end', onEnd)
  return () => void client.off('readable', onReadable).off('end', onEnd)
}

function answerHead(headers: HeaderList): string {
  let head = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n'
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return `${head}\r\n`
}
