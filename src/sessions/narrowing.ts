// What a service on a host of its own may have of a session: who it is, and the credentials that the service's signer
// uses. The rest is not in the request at all.

import type { Mount } from '#http'
import type { ActiveSession } from './session.ts'

/** Made once per service and session, because every request asks. */
export function createNarrowing(): (session: ActiveSession, mount: Mount | undefined) => ActiveSession {
  const known = new WeakMap<object, WeakMap<ActiveSession, ActiveSession>>()
  return (session, mount) => {
    const views = known.get(mount ?? NOTHING) ?? new WeakMap<ActiveSession, ActiveSession>()
    known.set(mount ?? NOTHING, views)
    const view = views.get(session) ?? viewOf(session, mount?.credentials ?? [])
    views.set(session, view)
    return view
  }
}

/** Where nothing answers, nothing is used. */
const NOTHING = {}

function viewOf({ row, credentials }: ActiveSession, names: readonly string[]): ActiveSession {
  const used = Object.entries(credentials).filter(([name]) => names.includes(name))
  return Object.freeze({ row, credentials: Object.freeze(Object.fromEntries(used)) })
}
