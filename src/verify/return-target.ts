// Back to where a person wanted to go, over a login. A login comes back only to paths of ours; what stands beside our base
// path or on another port is reached over `/auth/return`, which leads to our own host and to those of the configured
// services, and to nothing else (open redirects: every other value becomes the home page).

import { z } from 'zod'
import { defineRoute, isRefusal, type PublicUrl, parseTarget, type Route, seeOther } from '#http'
import { toReturnTo } from '#identity'

export interface Place {
  readonly origin: string
  /** Path and query. */
  readonly raw: string
}

/** @returns the address of the login page that leads back to the place, or else to the root of what it belongs to. */
export function loginUrl(publicUrl: PublicUrl, { origin, raw }: Place, root: string): string {
  const returnTo = [raw, root].map((path) => returnPath(publicUrl, { origin, raw: path })).find(isKept) ?? '/'
  return publicUrl.urlTo(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`)
}

/** A path of ours that leads there. */
const returnPath = ({ origin: own, basePath }: PublicUrl, { origin, raw }: Place): string =>
  origin === own && basePath === '' ? raw : `${RETURN_PATH}?to=${encodeURIComponent(origin + raw)}`

const RETURN_PATH = '/auth/return'

/** Whether the login carries it. */
const isKept = (returnTo: string): boolean => toReturnTo(returnTo) === returnTo

/** `GET /auth/return?to=`: the last step of such a login. */
export const createReturnRoute = (origins: () => readonly string[]): Route =>
  defineRoute({
    method: 'GET',
    path: RETURN_PATH,
    routeClass: 'public',
    access: 'public',
    query: z.object({ to: z.string().optional() }),
    handle: (_ctx, { query: { to = '' } }) =>
      isListed(to, origins()) ? { kind: 'redirect', status: 303, location: to } : seeOther('/'),
  })

/** Whether a browser that is sent there arrives at one of these origins, at a path with one reading. */
function isListed(to: string, origins: readonly string[]): boolean {
  const origin = origins.find((each) => to.startsWith(`${each}/`))
  if (origin === undefined || isRefusal(parseTarget(to.slice(origin.length)))) return false
  return URL.parse(to)?.origin === origin
}
