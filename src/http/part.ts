// What a part contributes to the front door, beside the kernel's life cycle.

import type { Part } from '#kernel'
import type { Answer } from './answer.ts'
import type { RequestContext } from './context.ts'
import type { Mount, Route } from './route.ts'

/** One check. Throws a GatewayError to refuse, returns an answer to end the request, nothing to go on. */
// biome-ignore lint/suspicious/noConfusingVoidType: a step that returns nothing is the common case
export type Step = (ctx: RequestContext) => Answer | void | Promise<Answer | void>

/** A page about a person's own account, to which `/account` leads. */
export interface AccountPage {
  /** Below the base path. */
  readonly path: string
  readonly title: string
  /** What it is for, in one sentence. */
  readonly description: string
}

/** A page of the portal that is there because of this part. What it shows is in `web/`. */
export interface PortalPage {
  /** As `pages` of `GET /api/v1/portal` lists it. */
  readonly name: string
  /** Where it answers, below the portal's own place: `/hubs`. */
  readonly paths: readonly string[]
}

export interface HttpPart<Api> extends Part<Api> {
  readonly routes?: readonly Route[]
  readonly mounts?: readonly Mount[]
  /** A folder of page templates (`NAME.eta`); names are unique over all parts. */
  readonly templates?: URL
  readonly accountPages?: readonly AccountPage[]
  readonly portalPages?: readonly PortalPage[]
}
