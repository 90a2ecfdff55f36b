// The one decision per request: what the edge found, asked with the request's principal.
// Used by the steps and by `gatehouse explain`, so that what is explained is what happens.

import type { Decision, RequestContext, Route } from '#http'
import { defineFact, type Mount } from '#http'
import type { Access, CompiledPolicy, Principal } from './access.ts'
import { accessErrors } from './errors.ts'
import type { Limits } from './limits.ts'

export interface AuthorizerDeps {
  readonly principal: Access['principal']
  readonly limits: Limits
  /** Whom to ask, as the operator wrote it. */
  readonly contact: string | undefined
}

export function createAuthorizer({
  principal,
  limits,
  contact,
}: AuthorizerDeps): Pick<Access, 'decide' | 'authorizeBy'> {
  const decided = defineFact<Decision>('decision')
  const admit = admissions(contact)

  const decideNow = (ctx: RequestContext): Decision | undefined => {
    const { route, mount } = ctx
    // The edge lets a route of ours win over a mount.
    if (route !== undefined) {
      return narrowed(decideRoute(route, principal(ctx), admit), () => limits.routeRefusal(ctx, route))
    }
    if (mount === undefined) return undefined
    const decision = narrowed(mount.authorize(ctx), () => limits.serviceRefusal(ctx, mount.id))
    // Which group would be enough is nothing to tell somebody who may use none yet.
    return !decision.allow && principal(ctx)?.isPending === true ? admit.pending : decision
  }

  return Object.freeze({
    decide(ctx: RequestContext) {
      const known = decided.get(ctx)
      if (known !== undefined) return known
      const decision = decideNow(ctx)
      decided.set(ctx, decision)
      return decision
    },
    authorizeBy:
      (policy: CompiledPolicy, prefix: string): Mount['authorize'] =>
      (ctx) =>
        policy.decide({ method: ctx.method, path: belowPrefix(ctx.target.path, prefix) }, principal(ctx)),
  })
}

/**
 * The suffix keeps the slash that ends the prefix: `/api/manager/folders` under `/api/manager/` is `/folders`.
 * Asked from elsewhere, as the home page does, the question is about the mount's root.
 */
const belowPrefix = (path: string, prefix: string): string =>
  path.startsWith(prefix) ? path.slice(prefix.length - 1) : '/'

type Admissions = ReturnType<typeof admissions>

/** Every answer that a route of ours can get. */
function admissions(contact: string | undefined) {
  const whomToAsk = contact === undefined ? '' : ` Whom to ask: ${contact}`
  const refuse = (because: string, loginMayHelp: boolean): Decision =>
    Object.freeze({ allow: false, because: `${because}${whomToAsk}`, loginMayHelp })
  return {
    public: allow('open to everybody'),
    self: allow('everybody who is logged in, for what is theirs'),
    admin: allow('access.admins'),
    stranger: refuse('This is for people who are logged in.', true),
    pending: Object.freeze({
      ...refuse('Nobody has approved this account yet.', false),
      error: () => accessErrors.pending({ contact }),
    }),
    notAdmin: refuse('This is for administrators, and your account is not one of them.', false),
    scope: allow('everybody who is logged in'),
  }
}

/** What is allowed otherwise may be refused after all; nothing else is asked. */
const narrowed = (decision: Decision, refusal: () => Decision | undefined): Decision =>
  decision.allow ? (refusal() ?? decision) : decision

const allow = (rule: string): Decision => Object.freeze({ allow: true, rule })

function decideRoute({ access, whilePending }: Route, principal: Principal | undefined, admit: Admissions): Decision {
  if (access === 'public') return admit.public
  if (principal === undefined) return admit.stranger
  if (principal.isPending && !(access === 'self' && whilePending === true)) return admit.pending
  if (access === 'self') return admit.self
  if (access === 'admin') return principal.isAdmin ? admit.admin : admit.notAdmin
  return admit.scope
}
