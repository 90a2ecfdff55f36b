// The row `requireIdentity`: a stranger passes only where everybody may go; a browser is sent to log in, a program
// gets 401. What the policies say stays hidden from strangers: they get the same answer wherever they may not go.

import type { Answer, RequestContext, Step } from '#http'
import { seeOther } from '#http'
import type { Access, Users } from './access.ts'
import { accessErrors } from './errors.ts'

/** Longer addresses are not carried through a login. */
const MAX_RETURN_TO_LENGTH = 2048

/** The page that says that the account waits. */
export const PENDING_PATH = '/auth/pending'

/** The id of the user whose page sends it (`person.id` of `GET /api/v1/portal`). */
const PERSON_HEADER = 'gatehouse-person'

interface IdentityFacts extends Pick<Access, 'contact' | 'principal' | 'decide' | 'forget'> {
  readonly users: Pick<Users, 'isDisabled'>
}

/** @param leave where a stranger's navigation on a host of its own is sent: to the portal, and back. */
export function createRequireIdentityStep(access: IdentityFacts, leave: (ctx: RequestContext) => Answer): Step {
  return (ctx): Answer | undefined => {
    const principal = access.principal(ctx)
    if (principal === undefined) return meetStranger(ctx, access, leave)
    refuseOthersPage(ctx, principal.userId)
    ctx.userId = principal.userId
    // Disabling ends sessions; this catches one that a login began in that same moment.
    if (access.users.isDisabled(principal.userId)) throw accessErrors.userDisabled({ contact: access.contact })
    return principal.isPending ? meetPending(ctx, access) : undefined
  }
}

/**
 * A page may say whose it is. A cookie is of the browser, not of the page: after somebody else has logged in there, what
 * the page sends would be done in their name.
 */
function refuseOthersPage({ request }: RequestContext, userId: string): void {
  const said = request.headers[PERSON_HEADER]
  if (said !== undefined && said !== userId) throw accessErrors.otherPerson({})
}

/** Where everybody may go they go as a stranger: no service hears of somebody whom nobody has approved. */
function meetPending(ctx: RequestContext, access: IdentityFacts): Answer | undefined {
  const decision = access.decide(ctx)
  if (decision === undefined) return undefined
  if (decision.allow) {
    if (ctx.route === undefined) access.forget(ctx)
    return undefined
  }
  if (isNavigation(ctx) && ctx.appHost === undefined) return seeOther(PENDING_PATH)
  throw accessErrors.pending({ contact: access.contact })
}

function meetStranger(
  ctx: RequestContext,
  access: Pick<Access, 'decide'>,
  leave: (ctx: RequestContext) => Answer,
): Answer | undefined {
  const decision = access.decide(ctx)
  if (decision === undefined || decision.allow) return undefined
  if (!isNavigation(ctx)) throw accessErrors.loginRequired({})
  if (ctx.appHost !== undefined) return leave(ctx)
  const returnTo = ctx.target.raw.length > MAX_RETURN_TO_LENGTH ? '/' : ctx.target.raw
  return seeOther(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`)
}

/** The API answers 401 whoever asks: programs must not have to tell a login page from an answer. */
const isNavigation = (ctx: RequestContext): boolean =>
  ctx.wantsPage &&
  ctx.method === 'GET' &&
  ctx.routeClass !== 'api' &&
  !ctx.isUpgrade &&
  // The way from a host to the portal is for whole tabs.
  (ctx.appHost === undefined || (ctx.request.headers['sec-fetch-dest'] ?? 'document') === 'document')
