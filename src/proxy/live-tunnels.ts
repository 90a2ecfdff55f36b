// The open WebSockets of one service: swept for silence, looked at again when a reload changes who may have them, and
// ended together.

import type { Principal } from '#access'
import type { Clock } from '#kernel'
import type { Tunnel, TunnelEnd } from './tunnel.ts'

/** Who opened it, and what: all that a policy asks for. */
export interface Opening {
  readonly principal: Principal | undefined
  /** Below the lane's prefix, with a leading slash. */
  readonly path: string
  /** The key of the lane that it goes along. */
  readonly lane: string
}

/** Why one may not go on; undefined if it may. */
export type Judge = (opening: Opening) => TunnelEnd | undefined

export interface LiveTunnels {
  count(): number
  isStopping(): boolean
  add(tunnel: Tunnel, opening: Opening): void
  remove(tunnel: Tunnel): void
  /** Ends those, now and later, that may not go on. Resolves when none is open. */
  retire(judge: Judge): Promise<void>
  /** Ends all of them with 1012, and cuts what is left at the deadline. */
  drain(deadline: AbortSignal): Promise<void>
  /** Cuts all of them. */
  stop(): void
}

export function createLiveTunnels(idleMs: number, clock: Clock): LiveTunnels {
  const tunnels = new Map<Tunnel, Opening>()
  let judge: Judge = () => undefined
  let isStopping = false
  let empty = Promise.withResolvers<void>()

  const judgeOne = (tunnel: Tunnel, opening: Opening): void => {
    const end = judge(opening)
    if (end !== undefined) tunnel.end(end)
  }
  const cut = () => {
    for (const tunnel of tunnels.keys()) tunnel.destroy()
  }
  const whenEmpty = (): Promise<void> => (tunnels.size === 0 ? Promise.resolve() : empty.promise)
  // One timer for all: with thousands of tunnels, one each would be felt.
  const stopSweeping = clock.every(Math.min(idleMs / 4, 60_000), () => {
    const silentSince = clock.monotonicMs() - idleMs
    for (const tunnel of tunnels.keys()) if (tunnel.lastActiveMs <= silentSince) tunnel.end(SILENT)
  })

  return Object.freeze({
    count: () => tunnels.size,
    isStopping: () => isStopping,
    add(tunnel: Tunnel, opening: Opening) {
      tunnels.set(tunnel, opening)
      if (isStopping) tunnel.end(RESTART)
      else judgeOne(tunnel, opening)
    },
    remove(tunnel: Tunnel) {
      tunnels.delete(tunnel)
      if (tunnels.size > 0) return
      empty.resolve()
      empty = Promise.withResolvers()
    },
    retire(by: Judge) {
      judge = by
      for (const [tunnel, opening] of tunnels) judgeOne(tunnel, opening)
      return whenEmpty()
    },
    async drain(deadline: AbortSignal) {
      isStopping = true
      for (const tunnel of tunnels.keys()) tunnel.end(RESTART)
      if (tunnels.size === 0) return
      if (deadline.aborted) cut()
      deadline.addEventListener('abort', cut, { once: true })
      await whenEmpty()
      deadline.removeEventListener('abort', cut)
    },
    stop() {
      isStopping = true
      stopSweeping()
      cut()
    },
  })
}

const SILENT: TunnelEnd = { code: 4408, reason: 'nothing was said for too long' }
const RESTART: TunnelEnd = { code: 1012, reason: 'the gateway is restarting' }
