// What an OpenID provider must know of the gateway.

import { createPublicUrl } from '#http'
import { callbackPath, LOGGED_OUT_PATH } from '#identity'

export interface Registration {
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri: string
}

/** @param url `server.url` */
export function toRegistration(url: string, provider: string): Registration {
  const { urlTo } = createPublicUrl(url)
  return {
    redirectUris: [urlTo(callbackPath(provider))],
    postLogoutRedirectUris: [urlTo(LOGGED_OUT_PATH)],
    backchannelLogoutUri: urlTo(`/auth/backchannel/${provider}`),
  }
}
