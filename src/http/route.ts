// The two ways to hang something on the door: a route of our own (schemas, access, a handler) and a mount
// (everything under a path prefix is handed over raw: upstreams, static sites).

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { z } from 'zod'
import type { Rate } from '#config'
import type { GatewayError } from '#kernel'
import type { Answer } from './answer.ts'
import type { RequestContext } from './context.ts'
import type { Decision } from './decision.ts'

/** Who may use a route of ours: anybody, the logged-in person for what is theirs, admins, or a token's scope. */
export type RouteAccess = 'public' | 'self' | 'admin' | { readonly scope: string }

export interface RouteInput<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  /** JSON, or form fields for `page` and `auth` routes. */
  readonly body: Body
}

export interface Route<Params = unknown, Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base path, with `:name` for a segment: `/api/v1/sessions/:ref`. */
  readonly path: string
  readonly routeClass: 'page' | 'auth' | 'api' | 'callback' | 'public'
  readonly access: RouteAccess
  /** It does nothing but end the session of the request, so it works even while nobody can say whose session that is. */
  readonly endsSession?: true
  /** A person with a session only: a token is refused, whatever its scopes. */
  readonly sessionOnly?: true
  /** The same, and the login must be younger than `access.recentLogin`. */
  readonly recentLogin?: true
  /**
   * A GET that changes something all the same, for old clients that know no other method: with a cookie it must prove where
   * it comes from, like any POST.
   */
  readonly changesState?: true
  /** With access `self`: also for somebody whose account nobody has approved yet. */
  readonly whilePending?: true
  /** One sentence for the API reference. Routes without one (pages) are not listed there. */
  readonly summary?: string
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** What a success may contain, by status: nothing else leaves. */
  readonly output?: Readonly<Record<number, z.ZodType>>
  /** How an error looks here, for clients of a protocol that is not ours; as at a mount. */
  readonly errorAnswer?: (ctx: RequestContext, error: GatewayError) => Answer | undefined
  readonly handle: (ctx: RequestContext, input: RouteInput<Params, Query, Body>) => Answer | Promise<Answer>
}

/** Declares a route; the types of `input` follow from the schemas. */
export const defineRoute = <Params, Query, Body>(route: Route<Params, Query, Body>): Route =>
  // The edge parses each part with the schema that gave it its type, so the wider type is safe to hand out.
  Object.freeze(route) as unknown as Route

export interface Mount {
  /** Names it in logs, metrics and refusals. */
  readonly id: string
  /**
   * Starts with `/` and ends with `/`. The longest prefix wins; routes of our own win over mounts. Below a reserved
   * prefix, where only mounts of our own stand, it answers for the path without the last slash as well.
   */
  readonly prefix: string
  /** Who leaves the last slash of the prefix out is not sent here: that path is whoever else's it is. */
  readonly needsSlash?: true
  /** The host of its own (`AppHost.name`) that it answers on, and only there; absent: at the portal. */
  readonly host?: string
  readonly routeClass: 'proxied' | 'verify' | 'public'
  /** Who may: compiled from the mount's policy. Asked with the request's principal, or none. */
  readonly authorize: (ctx: RequestContext) => Decision
  /**
   * Whether this person may open it at all: for the home page, and for the way in. Absent: `authorize` does not depend
   * on the path.
   *
   * @param path below its prefix, with a leading `/`; its root if absent
   */
  readonly mayOpen?: (ctx: RequestContext, path?: string) => Decision
  /** The credentials that it uses for the person, by provider; none unless given. */
  readonly credentials?: readonly string[]
  /** How the home page shows it; absent: not shown. */
  readonly card?: { readonly title: string; readonly description?: string }
  /**
   * Answers the request itself, or returns an answer of our own to be written; errors before the first byte it throws.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a mount that answers itself returns nothing, which is the common case
  readonly serve: (ctx: RequestContext, response: ServerResponse) => Promise<Answer | void>
  /** Takes over the socket of an upgrade. Absent: upgrades are refused. */
  readonly upgrade?: (ctx: RequestContext, socket: Duplex, head: Buffer) => Promise<void>
  /** How often an address, and a person, may ask here; beside the limits that hold everywhere. */
  readonly rates?: { readonly address?: Rate | undefined; readonly user?: Rate | undefined }
  /** Origins that may open WebSockets here, besides our own. */
  readonly webSocketOrigins?: readonly string[]
  /**
   * What names the session of a request here, before the portal's cookie is looked at: of requests and upgrades alike. Who
   * brings a name that is unknown or malformed is a stranger; undefined: the portal's cookie, as everywhere.
   */
  readonly sessionName?: (ctx: RequestContext) => string | undefined
  /**
   * A header that programs send here, in lower case. No page of another origin can add it without a preflight (Fetch
   * §4.8), so a request that brings it with a cookie, and says nothing of where it comes from, is a program's.
   */
  readonly programHeader?: string
  /**
   * Whether a page of any site may send this request, by a form that its reader submits: single sign-on comes back so (SAML
   * 2.0 Bindings §3.5). Only for what nothing of ours goes on with: whoever wrote the page could send it as well.
   */
  readonly isFromAnySite?: (ctx: RequestContext) => boolean
  /**
   * How an error looks here, whoever threw it: a check, this mount, or the writer of answers. The headers of the error are
   * added to those of the answer, and it is logged as ever. Undefined: as everywhere.
   */
  readonly errorAnswer?: (ctx: RequestContext, error: GatewayError) => Answer | undefined
}
