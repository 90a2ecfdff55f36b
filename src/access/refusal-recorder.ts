// Writes refusals to the log and the audit log, at most one a minute for each person and place: whoever hammers at a
// closed door must fill neither. The next entry says how many were left out.

import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { Audit } from '#telemetry'

/** @param asked what was refused, where that is not the request itself: a proxy in front may ask about another one. */
export type RefusalRecorder = (ctx: RequestContext, because: string, asked?: Asked) => void

export interface Asked {
  /** Named in the audit log, and a place of its own for the bound. */
  readonly subject: string
  readonly method: string
  readonly path: string
}

const QUIET_MS = 60_000
const MAX_PLACES = 10_000

export function createRefusalRecorder(deps: { readonly clock: Clock; readonly audit: Audit }): RefusalRecorder {
  const places = new Map<string, { readonly since: number; leftOut: number }>()

  /** How many were left out before this one, or undefined if this one is to be left out too. */
  const takeTurn = (key: string): number | undefined => {
    const now = deps.clock.monotonicMs()
    const place = places.get(key)
    if (place !== undefined && now - place.since < QUIET_MS) {
      place.leftOut += 1
      return undefined
    }
    places.delete(key)
    const [oldest] = places.keys()
    if (places.size >= MAX_PLACES && oldest !== undefined) places.delete(oldest)
    places.set(key, { since: now, leftOut: 0 })
    return place?.leftOut ?? 0
  }

  return (ctx, because, asked = askedItself(ctx)) => {
    const { subject, method, path } = asked
    const leftOut = takeTurn(JSON.stringify([ctx.userId, ctx.pattern, subject]))
    if (leftOut === undefined) return
    const fields = { pattern: ctx.pattern, subject, method, because, left_out: leftOut }
    ctx.log.warn({ event: 'security_violation', kind: 'access_refused', ...fields }, 'access refused')
    deps.audit
      .record({
        action: 'access.refused',
        outcome: 'failure',
        ...(ctx.userId !== undefined && { userId: ctx.userId }),
        address: ctx.client.address,
        requestId: ctx.id,
        subject,
        detail: { method, path: path.slice(0, 256), because, leftOut },
      })
      .catch((error: unknown) => {
        ctx.log.error({ event: 'audit_failed', action: 'access.refused', err: error }, 'the audit entry was not kept')
      })
  }
}

const askedItself = ({ mount, pattern, method, target }: RequestContext): Asked => ({
  subject: mount?.id ?? pattern,
  method,
  path: target.path,
})
