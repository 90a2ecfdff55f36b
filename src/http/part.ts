// What a part contributes to the front door, beside the kernel's life cycle.

import type { Part } from '#kernel'
import type { Answer } from './answer.ts'
import type { RequestContext } from './context.ts'
import type { Mount, Route } from './route.ts'

/** One check. Throws a GatewayError to refuse, returns an answer to end the request, nothing to go on. */
// biome-ignore lint/suspicious/noConfusingVoidType: a step that returns nothing is the common case
export type Step = (ctx: RequestContext) => Answer | void | Promise<Answer | void>

export interface HttpPart<Api> extends Part<Api> {
  readonly routes?: readonly Route[]
  readonly mounts?: readonly Mount[]
  /** A folder of page templates (`NAME.eta`); names are unique over all parts. */
  readonly templates?: URL
}
