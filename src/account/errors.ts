// Why an account token is not taken, as its bearer is told (RFC 6750 §3).

import { defineErrors } from '#kernel'

interface Refusal {
  readonly realm: string
  /** For the person: one sentence of ours. */
  readonly because: string
}

export const accountTokenErrors = defineErrors('accountToken', {
  invalid: {
    status: 401,
    title: 'The token cannot be used',
    detail: ({ because }: Refusal) => because,
    hint: 'Get a new token at /account/token/create with a browser, and send it as Authorization: Bearer TOKEN.',
    headers: ({ realm, because }: Refusal) => challenge(realm, 'invalid_token', because),
  },
  notAllowed: {
    status: 403,
    title: 'You may not have tokens here',
    detail: ({ because }: Refusal) => because,
    hint: 'Ask the people who run this service for access.',
    headers: ({ realm, because }: Refusal) => challenge(realm, 'insufficient_scope', because),
  },
  missing: {
    status: 401,
    title: 'Send a token',
    detail: () => 'This is done with a token, and the request came without one.',
    hint: 'Get a token at /account/token/create with a browser, and send it as Authorization: Bearer TOKEN.',
    headers: ({ realm }: Pick<Refusal, 'realm'>) => challenge(realm),
  },
})

/** `error` is left out where no credentials were sent (RFC 6750 §3.1). */
export const challenge = (
  realm: string,
  error?: string,
  description = '',
): { readonly 'WWW-Authenticate': string } => ({
  'WWW-Authenticate':
    error === undefined
      ? `Bearer realm="${realm}"`
      : `Bearer realm="${realm}", error="${error}", error_description="${quotable(description)}"`,
})

/** RFC 6750 §3: visible ASCII and spaces, without quotes and backslashes. */
const quotable = (text: string): string => text.replace(/[^\x20-\x7e]|["\\]/g, "'")
