// What a provider's API answers to the owner of an access token: JSON with status 200, or a failure.

import { type Configuration, fetchProtectedResource } from 'openid-client'
import { loginErrors } from '../../errors.ts'
import { isOutageStatus } from './outage.ts'

export interface ApiCall {
  readonly url: URL
  readonly accessToken: string
  /** Of the provider, for people. */
  readonly label: string
}

/** @throws login.providerUnavailable where it is in trouble, else an error whose words are all ours */
export async function fetchJson(configuration: Configuration, { url, accessToken, label }: ApiCall): Promise<unknown> {
  const headers = new Headers({ accept: 'application/json' })
  const response = await fetchProtectedResource(configuration, accessToken, url, 'GET', undefined, headers)
  const { status } = response
  const reason = `${url.pathname.slice(0, 100)} answered with status ${status}`
  if (isOutageStatus(status)) throw loginErrors.providerUnavailable({ label }, { internal: { reason } })
  if (status !== 200) throw new Error(reason)
  const noJson = `${url.pathname.slice(0, 100)} answered with no JSON`
  if (!JSON_TYPE.test(response.headers.get('content-type') ?? '')) throw new Error(noJson)
  try {
    return await response.json()
  } catch {
    throw new Error(noJson)
  }
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
