// Tokens of ours that stand where none belongs: under another scheme, in a header of a service's own (`PRIVATE-TOKEN`), in a
// cookie, in the address. What stands there would go on to the service, which could be the person everywhere with it; so the
// request is refused, good token or not. What a body holds is not looked at.

import type { RequestContext } from '#http'
import type { Authenticators } from './authenticator.ts'
import { scopeErrors } from './errors.ts'

/** Called once the Authorization header that was ours is off the request. @throws token.misplaced */
export function refuseMisplaced(ctx: RequestContext, { all }: Pick<Authenticators, 'all'>): void {
  // From our own pages and API nothing goes on; a cookie that another program of this host sets must not lock people out.
  if (ctx.mount === undefined) return
  const { rawHeaders, url = '' } = ctx.request
  const holdsOne = (text: string): boolean => all.some(({ isIn }) => isIn(text))
  if (holdsOne(decodeEscapes(url))) refuse(ctx)
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = [rawHeaders[index], rawHeaders[index + 1]]
    // The address of the page, or of the request that is asked about, has escapes of its own.
    if (holdsOne(decodeEscapes(value)) || (mayBeBasic(value) && BASIC.test(value) && holdsOne(decodeBasic(value))))
      refuse(ctx, name.toLowerCase().slice(0, 64))
  }
}

/** In any header: a service may read it from one of its own. */
const BASIC = /^ *basic +/i
/** A look at one character, for the many headers that are not. */
const mayBeBasic = (value: string): boolean => ' bB'.includes(value.charAt(0))

const decodeBasic = (value: string): string => Buffer.from(value.replace(BASIC, ''), 'base64').toString('latin1')

/** As a service would read them (RFC 3986 §2.1); what is none stays, and nothing is thrown. */
const decodeEscapes = (text: string): string =>
  text.includes('%')
    ? text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text

function refuse({ log }: RequestContext, header?: string): never {
  log.warn(
    { event: 'security_violation', kind: 'token_refused', reason: 'misplaced', place: header ?? 'address' },
    'a token was sent where none belongs',
  )
  throw scopeErrors.misplaced({ header })
}
