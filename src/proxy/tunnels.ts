// The WebSockets of one upstream: opens them once the steps of the request have passed, and ends them with their
// session, after an hour of silence, and at shutdown.

import type { Duplex } from 'node:stream'
import type { PublicUrl, RequestContext } from '#http'
import type { Clock } from '#kernel'
import { upstreamErrors } from './errors.ts'
import { parseHandshake } from './handshake.ts'
import type { HeaderList } from './header-list.ts'
import type { HeaderRules } from './headers.ts'
import { createLiveTunnels, type Judge, type Opening } from './live-tunnels.ts'
import { MOVED } from './retirement.ts'
import type { ServiceConfig } from './service-config.ts'
import { createSocketSource, type SocketSourceOptions } from './socket-source.ts'
import { Tunnel } from './tunnel.ts'
import { createHolds, type Hold, type HoldDeps } from './tunnel-holds.ts'

export interface Tunnels {
  /** Resolves when the tunnel is open; what it throws can still be answered on the socket. */
  open(ctx: RequestContext, socket: Duplex, head: Buffer): Promise<void>
  count(): number
  /** After a reload: ends those that may not go on. Resolves when none is open. */
  retire(judge: Judge): Promise<void>
  /** Ends all of them with 1012, and cuts what is left at the deadline. */
  drain(deadline: AbortSignal): Promise<void>
  /** Cuts all of them. */
  stop(): void
}

export interface TunnelsOptions extends Omit<SocketSourceOptions, 'opener'> {
  readonly upstream: string
  readonly config: Pick<ServiceConfig, 'webSockets' | 'timeouts' | 'tls'>
  readonly rules: HeaderRules
  readonly openingOf: (ctx: RequestContext) => Opening
  readonly sessions: HoldDeps['sessions']
  readonly identity: HoldDeps['identity']
  readonly publicUrl: Pick<PublicUrl, 'origin'>
  readonly clock: Clock
}

export function createTunnels(options: TunnelsOptions): Tunnels {
  const { upstream, config, rules, publicUrl, clock } = options
  const origins = new Set(config.webSockets.origins)
  const isAllowedOrigin = (origin: string) => origin === publicUrl.origin || origins.has(origin)
  const holds = createHolds(config.webSockets, options)
  const openSomewhere = createSocketSource({ ...options, opener: { upstream, config, clock } })
  const live = createLiveTunnels(config.webSockets.idle, clock)

  const connect = async (ctx: RequestContext, client: Duplex, head: Buffer, hold: Hold): Promise<void> => {
    const handshake = parseHandshake(ctx.request, isAllowedOrigin)
    const stopWatching = watchForEnd(client)
    const opened = await openSomewhere(ctx, handshake).finally(stopWatching)
    if (client.destroyed) {
      opened.socket.destroy()
      return hold.release()
    }
    client.write(answerHead(rules.toClient(ctx, 101, opened.headers)), 'latin1')
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
    live.add(tunnel, options.openingOf(ctx))
    tunnel.begin(head, opened.head)
    hold.bind(tunnel)
    const forgetEndpoint = opened.endpoint.whenLeaving(() => tunnel.end(MOVED))
  }

  return Object.freeze({
    async open(ctx: RequestContext, client: Duplex, head: Buffer) {
      if (live.isStopping()) throw upstreamErrors.stopping({})
      const hold = holds.take(ctx)
      try {
        await connect(ctx, client, head, hold)
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
