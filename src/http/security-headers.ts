// The browser's defences on everything that we answer ourselves.

import type { RequestContext } from './context.ts'

export interface SecurityHeaderOptions {
  /** Whether people reach us by https: then browsers are told never to come without. */
  readonly isHttps: boolean
  /** Origins that may show our pages in a frame; none by default. */
  readonly frameAncestors: readonly string[]
}

export type SecurityHeaders = (ctx: RequestContext, isPage: boolean) => Readonly<Record<string, string>>

/** Headers for an answer of our own: everything for pages, what applies for the rest. */
export function createSecurityHeaders(options: SecurityHeaderOptions): SecurityHeaders {
  const frameAncestors = options.frameAncestors.length === 0 ? "'none'" : options.frameAncestors.join(' ')
  // Chromium applies form-action to the redirects that follow a form, and logging in or out may lead to a provider.
  const formAction = options.isHttps ? "'self' https:" : "'self' http: https:"
  const always = {
    ...ALWAYS,
    ...(options.isHttps && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  }
  const bare = { ...always, 'content-security-policy': `default-src 'none'; frame-ancestors ${frameAncestors}` }
  const atHosts = forHosts(options.isHttps)
  return (ctx, isPage) => {
    if (ctx.appHost !== undefined) return atHosts
    return isPage
      ? {
          ...always,
          'content-security-policy': [
            "default-src 'none'",
            `script-src 'self' 'nonce-${ctx.cspNonce}'`,
            `style-src 'self' 'nonce-${ctx.cspNonce}'`,
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            `form-action ${formAction}`,
            "base-uri 'none'",
            "object-src 'none'",
            `frame-ancestors ${frameAncestors}`,
          ].join('; '),
        }
      : bare
  }
}

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** On a host of its own: our few pages there need nothing, and what is below its name is not ours to speak for. */
const forHosts = (isHttps: boolean) => ({
  ...ALWAYS,
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ...(isHttps && { 'strict-transport-security': 'max-age=31536000' }),
})
