// What a provider's API answers to the owner of an access token: JSON with status 200, or a failure.

import { type Configuration, fetchProtectedResource } from 'openid-client'
import { isJsonType } from '#http'

export interface ApiCall {
  readonly url: URL
  readonly accessToken: string
}

/** @throws an error whose words are all ours; the answer, as its cause, is for `toLoginError` to judge */
export async function fetchJson(configuration: Configuration, { url, accessToken }: ApiCall): Promise<unknown> {
  const headers = new Headers({ accept: 'application/json' })
  const response = await fetchProtectedResource(configuration, accessToken, url, 'GET', undefined, headers)
  const path = url.pathname.slice(0, 100)
  if (response.status !== 200) throw new Error(`${path} answered otherwise than it should`, { cause: response })
  const noJson = `${path} answered with no JSON`
  if (!isJsonType(response.headers.get('content-type'))) throw new Error(noJson)
  try {
    return await response.json()
  } catch {
    throw new Error(noJson)
  }
}
