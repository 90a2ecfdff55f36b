// What `gatehouse init` wants to know: five answers.

import type { Secret } from '#kernel'
import type { ProfileName } from '../probe/provider-profiles.ts'

/** A secret that was typed, and goes into a file of its own; or the file that holds it already. */
export type GivenSecret = { readonly typed: Secret } | { readonly file: string }

export type Login =
  | {
      readonly type: 'oidc'
      readonly profile: ProfileName
      readonly issuer: string
      readonly clientId: string
      readonly clientSecret?: GivenSecret
    }
  | {
      readonly type: 'oauth2'
      readonly authorizationUrl: string
      readonly tokenUrl: string
      readonly userinfoUrl: string
      readonly clientId: string
      readonly clientSecret?: GivenSecret
      /** The field of the answer of `userinfoUrl` that names a person for ever. */
      readonly subject: string
    }
  | { readonly type: 'local' }
  | { readonly type: 'facility'; readonly login: string }
  | { readonly type: 'backend-ai'; readonly endpoint: string }

export interface Service {
  readonly path: string
  readonly to: string
}

export interface Server {
  readonly url: string
  readonly password?: GivenSecret
}

export type State =
  | { readonly type: 'embedded' }
  | { readonly type: 'servers'; readonly redis: Server; readonly database: Server }

export interface Answers {
  /** What people open. */
  readonly url: string
  readonly login: Login
  readonly service: Service
  /** An entry of `allow`: `authenticated` or `group:NAME`. */
  readonly allow: string
  readonly state: State
}
