// The row `bearerToken`: a request that brings a token of ours is from whoever the token stands for, whatever cookie came
// along. What is not ours stays the client's own header, and the request is whose it was. Ours goes no further, wherever it
// stands.

import type { RequestContext, Step } from '#http'
import type { Sessions } from '#sessions'
import type { Access } from './access.ts'
import type { PresentedCredentials, TokenPrincipal } from './authenticator.ts'
import { refuseMisplaced } from './misplaced-token.ts'
import { readPresented, takeOff } from './presented-credentials.ts'

export function createBearerTokenStep(
  access: Pick<Access, 'authenticators' | 'current' | 'token'>,
  sessions: Pick<Sessions, 'standIn'>,
): Step {
  const adopt = (ctx: RequestContext, scheme: PresentedCredentials['scheme'], token: TokenPrincipal): void => {
    const { principal, tokenId, watch } = token
    const { userId } = principal
    takeOff(ctx.request)
    sessions.standIn(ctx, {
      ref: tokenId,
      userId,
      watch: (ended) => ({ used: () => {}, stop: watch(ended) }),
    })
    access.current.set(ctx, principal)
    access.token.set(ctx, { ...token, scheme })
    ctx.userId = userId
  }

  const authenticate = async (ctx: RequestContext, presented: PresentedCredentials): Promise<void> => {
    for (const authenticator of access.authenticators.all) {
      const token = await authenticator.authenticate(ctx, presented)
      if (token === undefined) continue
      adopt(ctx, presented.scheme, token)
      break
    }
    refuseMisplaced(ctx, access.authenticators)
  }

  return (ctx) => {
    const presented = readPresented(ctx.request)
    if (presented !== undefined) return authenticate(ctx, presented)
    return refuseMisplaced(ctx, access.authenticators)
  }
}
