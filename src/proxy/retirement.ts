// What a reload means for WebSockets that are open: who may go on, and with which code the others end.

import type { Opening } from './live-tunnels.ts'
import type { TunnelEnd } from './tunnel.ts'
import type { Upstream } from './upstream.ts'

/** What of an upstream is asked by the one whose place it took. */
export type Successor = Pick<Upstream, 'service' | 'admits'>

/** @returns why it may not go on, if it may not */
export function judgeOpening(
  { service }: Pick<Upstream, 'service'>,
  successor: Successor | undefined,
  opening: Opening,
): TunnelEnd | undefined {
  if (successor === undefined) return GONE
  if (successor.service !== service) return MOVED
  return successor.admits(opening) ? undefined : REFUSED
}

const GONE: TunnelEnd = { code: 4404, reason: 'the service is not offered any more' }
const REFUSED: TunnelEnd = { code: 4403, reason: 'you may not use the service any more' }
/** Pages that are told so connect again, to where it is now. */
export const MOVED: TunnelEnd = { code: 1012, reason: 'the service has moved' }
