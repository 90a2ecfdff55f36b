// Cross-site request forgery and cross-site WebSockets: a request that a browser may have
// sent with our cookie must prove that it comes from our own pages. What proves nothing is refused.

import type { IncomingHttpHeaders } from 'node:http'
import type { RequestContext } from './context.ts'
import { crossSiteErrors } from './errors.ts'
import type { Step } from './part.ts'
import type { Mount } from './route.ts'

export interface CrossSiteOptions {
  /** The portal's origin, as browsers write it: `https://gate.example.org`. */
  readonly ownOrigin: () => string
  /** Other origins that may call us with the person's cookie. */
  readonly allowedOrigins: readonly string[]
  /** Whether there are hosts of their own: siblings whose pages are not trusted, and to whose requests browsers add our cookie. */
  readonly hasSiblings: boolean
  /** How the request itself said who it is from, where that was believed; undefined where only a cookie says so. */
  readonly presented: (ctx: RequestContext) => Presented
}

type Presented = 'bearer' | 'basic' | undefined

/** Refuses unsafe requests and upgrades that carry cookies unless they come from our own or an allowed origin. */
export function createCrossSiteStep(options: CrossSiteOptions): Step {
  const allowed = new Set(options.allowedOrigins)
  const isAllowed = (ctx: RequestContext, origin: string): boolean =>
    isOpenToOthers(ctx) && ((ctx.appHost === undefined && allowed.has(origin)) || mountAllows(ctx, origin))
  const findReason = (ctx: RequestContext): string | undefined => {
    // Each host is a site of its own: the portal's origin is another one there.
    const ownOrigin = ctx.appHost?.origin ?? options.ownOrigin()
    const { headers } = ctx.request
    const presented = options.presented(ctx)
    if (provesItself(presented, headers)) return undefined
    if (isFromProgram(ctx) || mayComeFromAnySite(ctx)) return undefined
    if (needsProof(ctx) || (presented === 'basic' && mayChange(ctx.method, ctx.isUpgrade)))
      return findFault(headers, ownOrigin, (origin) => isAllowed(ctx, origin))
    if (!options.hasSiblings || !isFromSibling(headers, isFramedByPolicy(ctx))) return undefined
    return headers.origin !== undefined && isAllowed(ctx, headers.origin) ? undefined : FROM_SIBLING
  }
  return (ctx) => {
    const reason = findReason(ctx)
    if (reason === undefined) return
    ctx.log.warn(
      { event: 'security_violation', kind: 'cross_site', reason, origin: ctx.request.headers.origin },
      'refused',
    )
    throw crossSiteErrors.refused({ reason })
  }
}

export interface AskedFor {
  /** How the request said who it is from, where that was believed. */
  readonly presented: Presented
  readonly ownOrigin: string
  readonly hasSiblings: boolean
}

/**
 * The same for a request that a proxy in front asks about: its method is said by the proxy, its headers are passed on.
 *
 * @returns why it is refused, or undefined
 */
export const findCrossSiteFault = (
  { method, isUpgrade }: { readonly method: string; readonly isUpgrade: boolean },
  headers: IncomingHttpHeaders,
  { presented, ownOrigin, hasSiblings }: AskedFor,
): string | undefined => {
  if (provesItself(presented, headers)) return undefined
  if (needsProofFor(method, isUpgrade, headers) || (presented === 'basic' && mayChange(method, isUpgrade)))
    return findFault(headers, ownOrigin, () => false)
  return hasSiblings && isFromSibling(headers, false) ? FROM_SIBLING : undefined
}

const FROM_SIBLING = 'the page of a sibling host asked for it'

const mayComeFromAnySite = (ctx: RequestContext): boolean =>
  !ctx.isUpgrade && (ctx.mount?.isFromAnySite?.(ctx) ?? false)

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const needsProof = ({ isUpgrade, method, routeClass, request, route, mount }: RequestContext): boolean =>
  needsProofFor(method, isUpgrade, request.headers) ||
  (route?.changesState === true && request.headers.cookie !== undefined) ||
  // A login form posted by another site would log the person in as somebody else, cookie or not.
  (!SAFE_METHODS.has(method) && (routeClass === 'auth' || (namesSessions(mount) && isFromBrowser(request.headers))))

/** No page can make a browser send a bearer token that it does not know. A name and a password it adds like a cookie. */
const provesItself = (presented: Presented, headers: IncomingHttpHeaders): boolean =>
  presented === 'bearer' || (presented === 'basic' && !isFromBrowser(headers))

const mayChange = (method: string, isUpgrade: boolean): boolean => isUpgrade || !SAFE_METHODS.has(method)

/** Sessions may begin there. Programs are welcome as well, and they say nothing of where they come from. */
const namesSessions = (mount: Mount | undefined): boolean => mount?.sessionName !== undefined

/** Browsers say where a request comes from wherever it may do harm, and let no other page add such a header. */
const isFromProgram = ({ mount, request: { headers } }: RequestContext): boolean =>
  mount?.programHeader !== undefined && headers[mount.programHeader] !== undefined && !isFromBrowser(headers)

const isFromBrowser = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined

const needsProofFor = (method: string, isUpgrade: boolean, headers: IncomingHttpHeaders): boolean =>
  isUpgrade
    ? headers.cookie !== undefined || headers.origin !== undefined
    : !SAFE_METHODS.has(method) && headers.cookie !== undefined

/**
 * Fetch Metadata §2: cookies with `SameSite` go along with whatever another host of the same site loads, frames included.
 * Only a link or a redirect in a whole tab is as harmless as from anywhere else.
 */
const isFromSibling = (headers: IncomingHttpHeaders, mayBeFramed: boolean): boolean =>
  headers['sec-fetch-site'] === 'same-site' &&
  headers.cookie !== undefined &&
  !(headers['sec-fetch-mode'] === 'navigate' && (headers['sec-fetch-dest'] === 'document' || mayBeFramed))

/** Our own pages say in their Content-Security-Policy who may show them in a frame. */
const isFramedByPolicy = ({ routeClass }: RequestContext): boolean => routeClass === 'page' || routeClass === 'auth'

/** Services and the API; who logs in, or changes an account, does so on our own pages. */
const isOpenToOthers = ({ routeClass }: RequestContext): boolean =>
  routeClass === 'api' || routeClass === 'proxied' || routeClass === 'socket'

const mountAllows = (ctx: RequestContext, origin: string): boolean =>
  ctx.isUpgrade && (ctx.mount?.webSocketOrigins?.includes(origin) ?? false)

/** Origin says who; Sec-Fetch-Site (which no page can set) says whether. Both must agree, and one must be there. */
function findFault(
  headers: IncomingHttpHeaders,
  ownOrigin: string,
  isAllowed: (origin: string) => boolean,
): string | undefined {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (origin !== undefined && origin !== ownOrigin && !isAllowed(origin)) return 'its Origin is another site'
  if (origin !== undefined && origin !== ownOrigin) return undefined
  if (site !== undefined && site !== 'same-origin') return 'the browser says that another site started it'
  if (origin === undefined && site === undefined) return 'it names no origin (neither Origin nor Sec-Fetch-Site)'
  return undefined
}
