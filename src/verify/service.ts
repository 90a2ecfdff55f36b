// Decides about a request that a proxy in front asks about: the same checks, in the same order, as for a request that
// comes to Gatehouse itself. An error in any of them is a refusal. What nobody has said anything about is refused too.

import { type Access, accessErrors, type RefusalRecorder } from '#access'
import { crossSiteErrors, type Decision, findCrossSiteFault, type PublicUrl, type RequestContext } from '#http'
import { verifyErrors } from './errors.ts'
import type { IdentityHeaders } from './identity-headers.ts'
import { createOptionReader, NO_OPTIONS, type QuestionOptions, refuseForeignOptions } from './options.ts'
import { type OriginalRequest, QUESTION_PATH, readOriginal } from './original-request.ts'
import { loginUrl } from './return-target.ts'
import type { VerifiedService, VerifiedServices } from './services.ts'

export type Verdict =
  | { readonly kind: 'allowed'; readonly headers: readonly string[] }
  /** The proxy is to send the person there. */
  | { readonly kind: 'login'; readonly location: string }

export interface VerifierDeps {
  readonly access: Pick<Access, 'principal' | 'compilePolicy' | 'contact' | 'users' | 'token' | 'serviceRefusal'>
  readonly publicUrl: PublicUrl
  readonly services: VerifiedServices
  readonly identityHeaders: IdentityHeaders
  readonly recordRefusal: RefusalRecorder
  /** Whether there are hosts of their own, whose pages are not trusted. */
  readonly hasSiblings: boolean
}

/** Whom a token is for where only the proxy's groups decided. */
const NO_SERVICE = 'verify'

/** @returns what decides. It throws whatever refuses: verify.*, access.refused, access.userDisabled, crossSite.refused */
export function createVerifier(deps: VerifierDeps): (ctx: RequestContext) => Verdict {
  const { access, publicUrl, services, identityHeaders, recordRefusal } = deps
  const readOptions = createOptionReader(access)

  const readOptionsFor = (ctx: RequestContext, original: OriginalRequest): QuestionOptions => {
    // Where the address is appended, the query is its own.
    if (ctx.target.path !== QUESTION_PATH) return NO_OPTIONS
    refuseForeignOptions(ctx.target.query, original.target.query)
    return readOptions(ctx.target.query)
  }

  const record = (ctx: RequestContext, because: string, original?: OriginalRequest, subject = NO_SERVICE): void =>
    recordRefusal(ctx, because, {
      subject,
      method: original?.method ?? ctx.method,
      path: original?.target.path ?? ctx.target.path,
    })

  /** The question; one that cannot be understood is a fault of the proxy's configuration, which somebody should see. */
  const readQuestion = (ctx: RequestContext): Question => {
    try {
      if (!ctx.client.viaTrustedProxy) throw verifyErrors.untrustedProxy({})
      const original = readOriginal(ctx)
      const options = readOptionsFor(ctx, original)
      const service = services.find(original)
      // Nothing but groups of the proxy's own: only where the session's cookie is seen at all.
      const isCovered = service !== undefined || (options.groups !== undefined && publicUrl.isOwnHost(original.host))
      if (!isCovered) throw verifyErrors.noService({ host: original.host })
      return { original, options, service }
    } catch (error) {
      record(ctx, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  const refuseOtherSites = (ctx: RequestContext, original: OriginalRequest, ownOrigin: string): void => {
    const { headers } = ctx.request
    const presented = access.token.get(ctx)?.scheme
    const reason = findCrossSiteFault(original, headers, { presented, ownOrigin, hasSiblings: deps.hasSiblings })
    if (reason === undefined) return
    ctx.log.warn({ event: 'security_violation', kind: 'cross_site', reason, origin: headers.origin }, 'refused')
    throw crossSiteErrors.refused({ reason })
  }

  const meetStranger = (ctx: RequestContext, { original, options, service }: Question): Verdict => {
    const isNavigation = ctx.wantsPage && original.method === 'GET' && !original.isUpgrade
    if (!isNavigation) throw verifyErrors.loginRequired({})
    const place = { origin: service?.origin ?? publicUrl.origin, raw: original.target.raw }
    const location = loginUrl(publicUrl, place, service?.path ?? '/')
    if (!options.redirects) throw verifyErrors.loginRequired({ location })
    return { kind: 'login', location }
  }

  return (ctx) => {
    const question = readQuestion(ctx)
    const { original, options, service } = question
    refuseOtherSites(ctx, original, service?.origin ?? publicUrl.origin)

    const known = access.principal(ctx)
    if (known !== undefined) {
      ctx.userId = known.userId
      if (access.users.isDisabled(known.userId)) throw accessErrors.userDisabled({ contact: access.contact })
    }
    // No service hears of somebody whom nobody has approved.
    const principal = known?.isPending === true ? undefined : known

    const decisions = [
      service?.decide(original, principal),
      options.groups?.decide(WHOLE, principal),
      access.serviceRefusal(ctx, service?.id ?? NO_SERVICE),
    ]
    const refusal = decisions.find(isRefusal)
    if (refusal === undefined) {
      return { kind: 'allowed', headers: identityHeaders(service?.id ?? NO_SERVICE, principal) }
    }
    if (known?.isPending === true) throw accessErrors.pending({ contact: access.contact })
    if (principal === undefined) return meetStranger(ctx, question)
    const { because } = refusal
    record(ctx, because, original, service?.id)
    throw refusal.error?.() ?? accessErrors.refused({ because }, { internal: { because } })
  }
}

interface Question {
  readonly original: OriginalRequest
  readonly options: QuestionOptions
  readonly service: VerifiedService | undefined
}

/** The proxy's groups hold for whatever it asks about. */
const WHOLE = Object.freeze({ method: 'GET', path: '/' })

type Refusal = Extract<Decision, { allow: false }>
const isRefusal = (decision: Decision | undefined): decision is Refusal => decision?.allow === false
