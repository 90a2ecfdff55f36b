// Addresses of other services in the configuration. The text stays as written: an OpenID issuer, for one, is compared
// byte for byte.

import { z } from 'zod'

/**
 * An absolute http or https URL without user, password or fragment; the parsed value is the text as written.
 *
 * @example
 * issuer: httpUrl().describe('The address of the provider.')
 */
export const httpUrl = () =>
  z
    .string({ error: 'a URL is text such as https://example.org' })
    .check((context) => {
      const message = whyNot(context.value)
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value })
    })
    .meta({ 'x-type': 'URL', format: 'uri' })

function whyNot(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return 'a URL is absolute and starts with https:// or http://'
  if (/[\s\\]/.test(text)) return 'a URL has no spaces and no backslashes'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'a URL here carries no user or password: use a secret'
  return text.includes('#') ? 'a URL here has no fragment (the part after #)' : undefined
}
