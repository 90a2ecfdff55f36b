// The step `renewLogin`: before anything is decided with a person's groups, they are those that the provider of the login
// has confirmed within the life of its tokens. Who is vouched for no more is a stranger on pages, and refused elsewhere.

import type { RequestContext, Step } from '#http'
import { GatewayError } from '#kernel'
import type { Sessions } from '#sessions'
import type { Identities } from './identity.ts'

export function createRenewLoginStep(
  { renewLogin }: Pick<Identities, 'renewLogin'>,
  sessions: Pick<Sessions, 'end'>,
): Step {
  /** A person who opens a page is better led to the login than told of an error. */
  const onError = async (ctx: RequestContext, error: unknown): Promise<void> => {
    if (!(error instanceof GatewayError) || error.status !== 401 || !ctx.wantsPage) throw error
    await sessions.end(ctx, 'provider-logout')
  }
  return (ctx) => renewLogin(ctx)?.catch((error: unknown) => onError(ctx, error))
}
