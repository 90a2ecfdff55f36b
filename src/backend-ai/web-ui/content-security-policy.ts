// The Content-Security-Policy of the Web UI (§6.3): the configured directives, in the order in which they always came.

import { CSP_DIRECTIVES, type SecurityConfig } from '../security-config.ts'

export interface PolicyOptions {
  readonly csp: SecurityConfig['csp']
  /** Whether a source `'nonce'` stands for a fresh one. */
  readonly hasNonce: boolean
}

/** @returns what makes the header's value of the nonce of a request */
export function createContentSecurityPolicy({ csp, hasNonce }: PolicyOptions): (nonce: () => string) => string {
  // The webserver sends none, and leaves the pages to be framed, and clicked on, by any site.
  if (csp === undefined) return () => "frame-ancestors 'self'"
  const template = CSP_DIRECTIVES.flatMap((directive) => {
    const sources = hasNonce ? withNonce(csp[directive] ?? []) : (csp[directive] ?? [])
    return sources.length === 0 ? [] : [`${directive} ${sources.join(' ')};`]
  }).join(' ')
  return hasNonce && template.includes(NONCE)
    ? (nonce) => template.replaceAll(NONCE, `'nonce-${nonce()}'`)
    : () => template
}

/** No source can hold a space. */
const NONCE = "'a nonce'"

/** Browsers that know nonces ignore `'unsafe-inline'` beside one: whoever wrote it did not mean that. */
function withNonce(sources: readonly string[]): readonly string[] {
  const allowsInline = sources.includes("'unsafe-inline'")
  return sources.flatMap((source) => {
    if (source !== "'nonce'" && source !== 'nonce') return [source]
    return allowsInline ? [] : [NONCE]
  })
}
