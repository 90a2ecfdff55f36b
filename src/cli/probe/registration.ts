// What an OpenID provider must know of the gateway.

import { createPublicUrl } from '#http'
import { callbackPath, LOGGED_OUT_PATH } from '#identity'

export interface Registration {
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri: string
}

/** @param url `server.url` */
export const toRegistration = (url: string, provider: string): Registration => ({
  redirectUris: [toPublicUrl(url, callbackPath(provider))],
  postLogoutRedirectUris: [toPublicUrl(url, LOGGED_OUT_PATH)],
  backchannelLogoutUri: toPublicUrl(url, `/auth/backchannel/${provider}`),
})

/** The full URL of a path of the gateway's. @param url `server.url` */
export const toPublicUrl = (url: string, path: string): string => createPublicUrl(url).urlTo(path)
