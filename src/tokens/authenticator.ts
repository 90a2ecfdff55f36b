// Who a request with one of our tokens is from. What this node knows to be good costs no look into any store; what it does
// not know is looked up, unless too many that were wrong came from the same address.

import type { Access, Authenticator, PresentedCredentials, Principal, TokenPrincipal } from '#access'
import { addressKey, type RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { Counter } from '#telemetry'
import { tokenErrors } from './errors.ts'
import type { LiveTokens } from './live-tokens.ts'
import type { TokenFailures } from './token-failures.ts'
import { claimsToBeOurs, holdsTokenSecret, parseTokenSecret, type TokenForm } from './token-form.ts'
import type { LiveToken } from './token-reader.ts'
import type { TokenUse } from './token-use.ts'

export interface TokenAuthenticatorDeps {
  readonly live: LiveTokens
  readonly principalOf: Access['principalOf']
  readonly use: TokenUse
  readonly clock: Clock
  readonly failures: TokenFailures
  /** By `reason`. */
  readonly refused: Counter
}

/** Groups, roles and approval of the owner are asked for again after this. */
const PRINCIPAL_MS = 400

export function createTokenAuthenticator(deps: TokenAuthenticatorDeps): Authenticator {
  const { live, principalOf, use, clock, failures, refused } = deps
  const made = new WeakMap<LiveToken, { readonly principal: Principal; readonly atMs: number }>()

  const principalFor = (found: LiveToken): Principal => {
    const known = made.get(found)
    const nowMs = clock.monotonicMs()
    if (known !== undefined && nowMs - known.atMs < PRINCIPAL_MS) return known.principal
    const principal = principalOf(found.user)
    made.set(found, { principal, atMs: nowMs })
    return principal
  }

  const accept = (ctx: RequestContext, found: LiveToken): TokenPrincipal => {
    use.note(ctx, found)
    return {
      principal: principalFor(found),
      scopes: found.scopes,
      tokenId: found.token.id,
      kind: found.token.kind,
      watch: (ended) => live.watch(found, ended),
    }
  }

  const refuse = async (ctx: RequestContext, address: string, form: TokenForm | undefined): Promise<never> => {
    const reason = form === undefined ? 'malformed' : 'unknown'
    refused.add({ reason })
    await failures.count(address)
    ctx.log.warn(
      { event: 'security_violation', kind: 'token_refused', reason, ...(form && { prefix: form.hint }) },
      'a token was refused',
    )
    throw tokenErrors.invalid({})
  }

  const lookUp = async (ctx: RequestContext, form: TokenForm | undefined): Promise<TokenPrincipal> => {
    const address = addressKey(ctx.client.address)
    failures.check(address)
    const found = form && (await live.find(form.hash))
    return found === undefined ? refuse(ctx, address, form) : accept(ctx, found)
  }

  /** Ours are taken as Bearer only. In Basic they would go on to a service that gets the client's own header. */
  const refuseWithin = (ctx: RequestContext, parts: readonly string[]): undefined => {
    if (!parts.some((part) => parseTokenSecret(part) !== undefined)) return undefined
    refused.add({ reason: 'misplaced' })
    ctx.log.warn(
      { event: 'security_violation', kind: 'token_refused', reason: 'misplaced' },
      'a token was sent as Basic',
    )
    throw tokenErrors.invalid({})
  }

  return Object.freeze({
    id: 'tokens',
    isIn: holdsTokenSecret,
    async authenticate(ctx: RequestContext, presented: PresentedCredentials) {
      if (presented.scheme === 'basic') return refuseWithin(ctx, [presented.username, presented.password.reveal()])
      const text = presented.token.reveal()
      if (!claimsToBeOurs(text)) return undefined
      const form = parseTokenSecret(text)
      const known = form && live.remembered(form.hash)
      return known === undefined ? lookUp(ctx, form) : accept(ctx, known)
    },
  })
}
