// The headers that tell the service behind the proxy who asks. Each is in every answer, empty where there is nothing to
// say: a proxy that passes them on then overwrites whatever the client has sent under the same name.

import { compilePersonText, type Principal } from '#access'
import type { VerifyConfig } from './config.ts'
import type { TokenSource } from './ports.ts'

/** Names and values in turn, as `writeHead` takes them. */
export type IdentityHeaders = (audience: string, principal: Principal | undefined) => readonly string[]

export function createIdentityHeaders({ headers, token }: VerifyConfig, tokens: TokenSource): IdentityHeaders {
  const texts = Object.entries(headers).map(([name, text]) => ({ name, write: compilePersonText(text) }))
  const describe = (principal: Principal | undefined): readonly string[] =>
    texts.flatMap(({ name, write }) => [name, write(principal) ?? ''])
  const ofNobody = Object.freeze([...describe(undefined), token.header, ''])

  // A principal is one object as long as nothing about it changes.
  const known = new WeakMap<Principal, readonly string[]>()
  const remember = (principal: Principal): readonly string[] => {
    const described = describe(principal)
    known.set(principal, described)
    return described
  }

  const issuers = new Map<string, (principal: Principal) => string>()
  const issuerFor = (audience: string): ((principal: Principal) => string) => {
    const options = { audience, lifetimeMs: token.lifetime, reuseMs: token.lifetime / 2 }
    const issuer = issuers.get(audience) ?? tokens.identityTokens(options)
    issuers.set(audience, issuer)
    return issuer
  }

  return (audience, principal) =>
    principal === undefined
      ? ofNobody
      : [...(known.get(principal) ?? remember(principal)), token.header, issuerFor(audience)(principal)]
}
