// An OpenID provider's discovery document as an operator's first question about it: is it there, and is it the one that
// the configuration names. `identity` asks again, with its own rules, at each login.

import { parseJson } from '#kernel'
import { ask, type Reply } from './ask.ts'
import { bad, messageOf, type Outcome } from './outcome.ts'

export interface Discovered {
  readonly document: Readonly<Record<string, unknown>>
  /** As it came, for its headers. */
  readonly reply: Reply
}

/** OpenID Connect Discovery 1.0 §4. */
export async function readDiscovery(issuer: string): Promise<Discovered | Extract<Outcome, { readonly ok: false }>> {
  const url = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
  let reply: Reply
  try {
    reply = await ask(url, { headers: { accept: 'application/json' } })
  } catch (error) {
    return bad(
      `the provider cannot be asked at ${url}: ${messageOf(error)}`,
      'correct the issuer, or let this machine reach it',
    )
  }
  if (reply.status !== 200) {
    const fix = 'write the issuer as the provider documents it: the address before /.well-known/openid-configuration'
    return bad(`there is no OpenID provider at ${issuer}: ${url} answers ${reply.status}`, fix)
  }
  const document = parseObject(reply.body)
  if (document === undefined || typeof document.issuer !== 'string') {
    return bad(`what ${url} answers is no discovery document`, 'correct the issuer')
  }
  // §4.3: exactly, to the last slash.
  if (document.issuer !== issuer) {
    const own = document.issuer.slice(0, 200)
    return bad(`the provider at ${issuer} calls itself ${own}`, `write the issuer exactly so: ${own}`)
  }
  return { document, reply }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
