// What a tunnel holds besides its sockets: one of its session's slots, and a watch on the session. Taken before
// anything is opened upstream, so that a flood of handshakes is bounded like the tunnels themselves.

import type { RequestContext } from '#http'
import type { Sessions } from '#sessions'
import { webSocketErrors } from './errors.ts'
import type { Tunnel, TunnelEnd } from './tunnel.ts'

export interface Hold {
  /** The person did something through the tunnel. */
  used(): void
  /** From here on the end of the session ends the tunnel, also if it came before. */
  bind(tunnel: Tunnel): void
  /** Safe to call twice. */
  release(): void
}

export interface Holds {
  /** @throws webSocket.tooMany */
  take(ctx: RequestContext): Hold
}

/** @param limit tunnels a session; of people without one, an address. */
export function createHolds(limit: number, sessions: Pick<Sessions, 'watch' | 'current'>): Holds {
  const taken = new Map<string, number>()

  const takeSlot = (owner: string): (() => void) => {
    const count = taken.get(owner) ?? 0
    if (count >= limit) throw webSocketErrors.tooMany({ limit })
    taken.set(owner, count + 1)
    return once(() => {
      const left = (taken.get(owner) ?? 1) - 1
      if (left === 0) taken.delete(owner)
      else taken.set(owner, left)
    })
  }

  return Object.freeze({
    take(ctx: RequestContext) {
      const ref = sessions.current.get(ctx)?.row.ref
      const freeSlot = takeSlot(ref === undefined ? `address ${ctx.client.address}` : `session ${ref}`)
      let tunnel: Tunnel | undefined
      let end: TunnelEnd | undefined
      const watch = sessions.watch(ctx, (reason) => {
        end = { code: 4401, reason: `the session has ended: ${reason}` }
        tunnel?.end(end)
      })
      return {
        used: () => watch?.used(),
        bind(opened: Tunnel) {
          tunnel = opened
          if (end !== undefined) tunnel.end(end)
        },
        release() {
          watch?.stop()
          freeSlot()
        },
      }
    },
  })
}

const once = (run: () => void): (() => void) => {
  let hasRun = false
  return () => {
    if (!hasRun) run()
    hasRun = true
  }
}
