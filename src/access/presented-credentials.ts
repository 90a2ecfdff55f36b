// Takes the Authorization header apart, and off the request once it was ours.

import type { IncomingMessage } from 'node:http'
import { httpErrors } from '#http'
import { Secret } from '#kernel'
import type { PresentedCredentials } from './authenticator.ts'

/**
 * Undefined if there is none, or one in another scheme or form than Bearer (RFC 6750 §2.1) and Basic (RFC 7617 §2).
 *
 * @throws http.malformedRequest if there are several: two readers could each believe another one
 */
export function readPresented({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): PresentedCredentials | undefined {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  if (placesOf(rawHeaders).length > 1) {
    throw httpErrors.malformedRequest({ reason: 'it has more than one Authorization header' })
  }
  const [, scheme = '', value = ''] = CREDENTIALS.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { scheme: 'bearer', token: new Secret(value) }
    case 'basic':
      return toBasic(Buffer.from(value, 'base64').toString())
    default:
      return undefined
  }
}

/** Nothing behind the gateway, and no log, is to see it. */
export function takeOff({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): void {
  for (const place of placesOf(rawHeaders).reverse()) rawHeaders.splice(place, 2)
  delete headers.authorization
}

/** A scheme, and token68 (RFC 9110 §11.2). */
const CREDENTIALS = /^(bearer|basic) +([A-Za-z0-9\-._~+/]+=*) *$/i

function toBasic(text: string): PresentedCredentials | undefined {
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  return { scheme: 'basic', username: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) }
}

const placesOf = (rawHeaders: readonly string[]): number[] =>
  rawHeaders.flatMap((name, index) => (index % 2 === 0 && name.toLowerCase() === 'authorization' ? [index] : []))
