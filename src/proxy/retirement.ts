// What a reload means for WebSockets that are open: who may go on, and with which code the others end.

import type { Opening } from './live-tunnels.ts'
import type { TunnelEnd } from './tunnel.ts'

/** What of a service is asked by the one whose place it took. */
export interface Successor {
  /** The lane that is just the same as the one of this key, at the same service. */
  findLane(key: string): { readonly admits: (opening: Opening) => boolean } | undefined
}

/** @returns why it may not go on, if it may not */
export function judgeOpening(successor: Successor | undefined, opening: Opening): TunnelEnd | undefined {
  if (successor === undefined) return GONE
  const lane = successor.findLane(opening.lane)
  if (lane === undefined) return MOVED
  return lane.admits(opening) ? undefined : REFUSED
}

const GONE: TunnelEnd = { code: 4404, reason: 'the service is not offered any more' }
const REFUSED: TunnelEnd = { code: 4403, reason: 'you may not use the service any more' }
/** Pages that are told so connect again, to where it is now. */
export const MOVED: TunnelEnd = { code: 1012, reason: 'the service has moved' }
