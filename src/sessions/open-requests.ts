// Requests that last (downloads, uploads, event streams) end with the session that opened them: broken off, so that
// nobody takes the part for the whole. Most requests are over within milliseconds and cost two operations on a set;
// what is still there at the next sweep is watched like a tunnel.

import type { Socket } from 'node:net'
import type { RequestContext } from '#http'
import type { WatchEnd } from './session.ts'
import type { Sessions, SessionWatch } from './sessions.ts'

export interface OpenRequests {
  /** The request may go on: from now until `finish` it ends with its session. */
  begin(ctx: RequestContext): void
  /** It is over, or its answer is that of whoever ended the session. Safe to call for any request. */
  finish(ctx: RequestContext): void
  /** Called every few hundred milliseconds: takes note of what lasts, and of what moves. */
  sweep(): void
  /** How many are watched. */
  size(): number
}

interface Watched {
  readonly watch: SessionWatch
  readonly socket: Socket
  /** What the connection had carried when that last counted as a use, in bytes. */
  countedAt: number
}

/** So much, up or down, is a use of the session: a transfer keeps it alive, events now and then do not. */
const USE_BYTES = 65_536

export function createOpenRequests(watch: Sessions['watch']): OpenRequests {
  /** With the connection of each: what forwards a body takes it off the request when the body has ended. */
  const young = new Map<RequestContext, Socket>()
  const lasting = new Map<RequestContext, Watched>()

  const onEnd = (ctx: RequestContext, reason: WatchEnd): void => {
    const watched = lasting.get(ctx)
    if (watched === undefined) return
    lasting.delete(ctx)
    ctx.log.info({ event: 'request_cut', reason, path: ctx.target.path }, 'a request was broken off with its session')
    breakOff(ctx.request.httpVersion, watched.socket)
  }

  const watchFromNow = (ctx: RequestContext, socket: Socket): void => {
    const held = watch(ctx, (reason) => onEnd(ctx, reason))
    if (held !== undefined) lasting.set(ctx, { watch: held, socket, countedAt: carriedBytes(socket) })
  }

  return Object.freeze({
    begin(ctx: RequestContext) {
      const { socket } = ctx.request
      // Whoever left while the steps ran is finished already.
      if (!socket.destroyed) young.set(ctx, socket)
    },
    finish(ctx: RequestContext) {
      if (young.delete(ctx)) return
      lasting.get(ctx)?.watch.stop()
      lasting.delete(ctx)
    },
    sweep() {
      for (const watched of lasting.values()) {
        const carried = carriedBytes(watched.socket)
        if (carried - watched.countedAt < USE_BYTES) continue
        watched.countedAt = carried
        watched.watch.used()
      }
      const lastingFromNow = [...young]
      young.clear()
      for (const [ctx, socket] of lastingFromNow) watchFromNow(ctx, socket)
    },
    size: () => lasting.size,
  })
}

const carriedBytes = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten

/** A close says nothing where the close is the end (RFC 9112 §8): for HTTP/1.0 it is a reset, where there is such a thing. */
function breakOff(httpVersion: string, socket: Socket): void {
  try {
    if (httpVersion === '1.0') socket.resetAndDestroy()
  } catch {
    // TLS and unix sockets have none; without a close-notify or a length the client can tell all the same.
  }
  socket.destroy()
}
