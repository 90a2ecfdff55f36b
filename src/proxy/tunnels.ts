// The WebSockets of one upstream: opens them once the steps of the request have passed, and ends them with their
// session, after an hour of silence, and at shutdown.

import type { Duplex } from 'node:stream'
import type { PublicUrl, RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { Sessions } from '#sessions'
import type { UpstreamConfig } from './config.ts'
import { upstreamErrors } from './errors.ts'
import { parseHandshake } from './handshake.ts'
import type { HeaderList } from './header-list.ts'
import type { HeaderRules } from './headers.ts'
import { createSocketSource, type SocketSourceOptions } from './socket-source.ts'
import { Tunnel, type TunnelEnd } from './tunnel.ts'
import { createHolds, type Hold } from './tunnel-holds.ts'

export interface Tunnels {
  /** Resolves when the tunnel is open; what it throws can still be answered on the socket. */
  open(ctx: RequestContext, socket: Duplex, head: Buffer): Promise<void>
  count(): number
  /** Ends all of them with 1012, and cuts what is left at the deadline. */
  drain(deadline: AbortSignal): Promise<void>
  /** Cuts all of them. */
  stop(): void
}

export interface TunnelsOptions extends Omit<SocketSourceOptions, 'opener'> {
  readonly upstream: string
  readonly config: Pick<UpstreamConfig, 'webSockets' | 'timeouts' | 'tls'>
  readonly rules: HeaderRules
  readonly sessions: Pick<Sessions, 'watch' | 'current'>
  readonly publicUrl: Pick<PublicUrl, 'origin'>
  readonly clock: Clock
}

export function createTunnels(options: TunnelsOptions): Tunnels {
  const { upstream, config, rules, publicUrl, clock } = options
  const origins = new Set(config.webSockets.origins)
  const isAllowedOrigin = (origin: string) => origin === publicUrl.origin || origins.has(origin)
  const holds = createHolds(config.webSockets, options.sessions)
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
        live.remove(tunnel)
        hold.release()
      },
    })
    live.add(tunnel)
    tunnel.begin(head, opened.head)
    hold.bind(tunnel)
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

/** The open ones: swept for silence, and ended together. */
function createLiveTunnels(idleMs: number, clock: Clock) {
  const tunnels = new Set<Tunnel>()
  let isStopping = false
  let onEmpty = () => {}

  const endWhere = (end: TunnelEnd, isDue: (tunnel: Tunnel) => boolean): void => {
    for (const tunnel of tunnels) if (isDue(tunnel)) tunnel.end(end)
  }
  const cut = () => {
    for (const tunnel of tunnels) tunnel.destroy()
  }
  // One timer for all: with thousands of tunnels, one each would be felt.
  const stopSweeping = clock.every(Math.min(idleMs / 4, 60_000), () => {
    const silentSince = clock.monotonicMs() - idleMs
    endWhere(SILENT, (tunnel) => tunnel.lastActiveMs <= silentSince)
  })

  return {
    count: () => tunnels.size,
    isStopping: () => isStopping,
    add(tunnel: Tunnel) {
      tunnels.add(tunnel)
      if (isStopping) tunnel.end(RESTART)
    },
    remove(tunnel: Tunnel) {
      tunnels.delete(tunnel)
      if (tunnels.size === 0) onEmpty()
    },
    async drain(deadline: AbortSignal) {
      isStopping = true
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve
      })
      endWhere(RESTART, () => true)
      if (tunnels.size === 0) return
      if (deadline.aborted) cut()
      deadline.addEventListener('abort', cut, { once: true })
      await empty
      deadline.removeEventListener('abort', cut)
    },
    stop() {
      isStopping = true
      stopSweeping()
      cut()
    },
  }
}

const SILENT: TunnelEnd = { code: 4408, reason: 'nothing was said for too long' }
const RESTART: TunnelEnd = { code: 1012, reason: 'the gateway is restarting' }

function answerHead(headers: HeaderList): string {
  let head = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n'
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return `${head}\r\n`
}
