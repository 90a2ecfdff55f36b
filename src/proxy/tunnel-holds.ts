// What a tunnel holds besides its sockets: one of its session's slots, a watch on the session, and, once it is open, the
// login kept renewed. Taken before anything is opened upstream, so that a flood of handshakes is bounded like the tunnels.

import { addressKey, type RequestContext } from '#http'
import type { Identities } from '#identity'
import type { Sessions, WatchEnd } from '#sessions'
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

export interface HoldLimits {
  /** Of people without one, an address. */
  readonly maxPerSession: number
  /** In all sessions; ten times `maxPerSession` unless given. */
  readonly maxPerUser?: number | undefined
}

export interface HoldDeps {
  readonly sessions: Pick<Sessions, 'watch' | 'holder'>
  readonly identity: Pick<Identities, 'keepLogin'>
}

export function createHolds(limits: HoldLimits, { sessions, identity }: HoldDeps): Holds {
  const taken = new Map<string, number>()

  const { maxPerSession, maxPerUser = maxPerSession * 10 } = limits

  const takeSlot = (owner: string, limit: number): (() => void) => {
    const count = taken.get(owner) ?? 0
    if (count >= limit) throw webSocketErrors.tooMany({ limit })
    taken.set(owner, count + 1)
    return once(() => {
      const left = (taken.get(owner) ?? 1) - 1
      if (left === 0) taken.delete(owner)
      else taken.set(owner, left)
    })
  }

  const takeOwn = ({ ref, userId }: { readonly ref: string; readonly userId: string }): (() => void) => {
    const freeUsers = takeSlot(`user ${userId}`, maxPerUser)
    try {
      const freeSessions = takeSlot(`session ${ref}`, maxPerSession)
      return () => {
        freeUsers()
        freeSessions()
      }
    } catch (error) {
      freeUsers()
      throw error
    }
  }

  return Object.freeze({
    take(ctx: RequestContext) {
      const holder = sessions.holder(ctx)
      const freeSlot =
        holder === undefined ? takeSlot(`address ${addressKey(ctx.client.address)}`, maxPerSession) : takeOwn(holder)
      let tunnel: Tunnel | undefined
      let end: TunnelEnd | undefined
      let stopRenewing = (): void => {}
      let isReleased = false
      const watch = sessions.watch(ctx, (reason) => {
        end = toTunnelEnd(reason)
        tunnel?.end(end)
      })
      return {
        used: () => watch?.used(),
        bind(opened: Tunnel) {
          tunnel = opened
          if (!isReleased) stopRenewing = identity.keepLogin(ctx)
          if (end !== undefined) tunnel.end(end)
        },
        release() {
          isReleased = true
          stopRenewing()
          watch?.stop()
          freeSlot()
        },
      }
    },
  })
}

function toTunnelEnd(reason: WatchEnd): TunnelEnd {
  if (reason === 'groups-lost') return { code: 4403, reason: 'you are no longer in a group that you were in' }
  if (reason === 'disconnected')
    return { code: 4403, reason: 'the account that it was opened with is connected no more' }
  return { code: 4401, reason: `the session has ended: ${reason}` }
}

const once = (run: () => void): (() => void) => {
  let hasRun = false
  return () => {
    if (!hasRun) run()
    hasRun = true
  }
}
