// What is under /func/ and /pipeline/, and how each of it is treated: the webserver's table, in its order, as data.
// Paths are those below the prefix. `match-route.ts` reads it.

import type { Profile } from '../profile.ts'

export type Treatment =
  /** Answered here. */
  | 'ping'
  /** To the Manager with nothing to prove who asks; plugins of it prove that in their own way. */
  | 'plugin'
  /** The same, with the domain written into the body. */
  | 'signup'
  /** To the Manager with nothing to prove who asks, WebSockets as well. */
  | 'anonymous'
  /** The same, unless there is a session to sign with. */
  | 'signedIfKnown'
  /** To the Manager in the name of the person. */
  | 'signed'
  /** The same, WebSockets only. */
  | 'webSocket'
  /** Nowhere: passwords could be tried there past the counting of `/server/`, which has the same to offer. */
  | 'uncounted'
  /** To the GraphQL router in the name of the person; to the Manager where there is no router. */
  | 'graphql'

export type PipelineTreatment = 'anonymous' | 'signed' | 'webSocket'

export interface RouteRow<T> {
  readonly methods: readonly string[]
  /** Holds for the whole path. */
  readonly path: RegExp
  readonly treatment: T
  /** Single sign-on comes back there, by a form of the site where people have logged in. */
  readonly isFromAnySite?: true
}

export type FuncSwitches = Pick<Profile, 'anonymousTotp' | 'publicRoutes'>

const FORWARDED = ['HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE']

export function funcRows({ anonymousTotp, publicRoutes }: FuncSwitches): readonly RouteRow<Treatment>[] {
  return [
    { methods: ['HEAD', 'PATCH', 'OPTIONS'], path: /^folders\/_\/tus\/upload\/.*$/, treatment: 'plugin' },
    { methods: ['GET'], path: /^ping$/, treatment: 'ping' },
    { methods: ['GET', 'POST'], path: /^cloud\/.*$/, treatment: 'plugin' },
    { methods: ['POST', 'GET'], path: /^custom-auth\/.*$/, treatment: 'plugin', isFromAnySite: true },
    { methods: ['GET', 'POST'], path: /^openid\/.*$/, treatment: 'plugin', isFromAnySite: true },
    { methods: ['POST'], path: /^saml\/.*$/, treatment: 'plugin', isFromAnySite: true },
    anonymousTotp === 'all'
      ? // Some of them are for people who are logged in, and cannot work unsigned.
        { methods: ['POST'], path: /^totp\/.*$/, treatment: 'signedIfKnown' }
      : { methods: ['POST'], path: /^totp\/anon(?:\/.*)?$/, treatment: 'plugin' },
    { methods: ['POST'], path: /^auth\/signup$/, treatment: 'signup' },
    { methods: FORWARDED, path: /^auth\/(?:authorize|update-password-no-auth)$/, treatment: 'uncounted' },
    { methods: ['POST'], path: /^auth\/signout$/, treatment: 'signed' },
    { methods: ['GET'], path: /^stream\/kernel\/_\/events$/, treatment: 'signed' },
    { methods: ['GET'], path: /^stream\/session\/[^/]+\/apps$/, treatment: 'signed' },
    { methods: ['GET'], path: /^stream\/.*$/, treatment: 'webSocket' },
    { methods: ['GET'], path: /^$/, treatment: 'anonymous' },
    { methods: ['GET', 'POST'], path: /^admin\/gql$/, treatment: 'graphql' },
    ...(publicRoutes
      ? [{ methods: FORWARDED, path: /^v2\/[^/]+\/public\/[^/]+$/, treatment: 'anonymous' } as const]
      : []),
    { methods: FORWARDED, path: /^.*$/, treatment: 'signed' },
  ]
}

export const pipelineRows: readonly RouteRow<PipelineTreatment>[] = [
  { methods: ['GET'], path: /^stream\/.*$/, treatment: 'webSocket' },
  { methods: ['POST'], path: /^.*login\/$/, treatment: 'signed' },
  { methods: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'], path: /^.*$/, treatment: 'anonymous' },
]
