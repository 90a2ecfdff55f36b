// One call of a facility's REST interface: JSON there, JSON back, HTTP Basic where a call needs it, within fixed limits.
// What went wrong is said in words of ours: neither a request nor an answer may reach a log, for they hold passwords.

import { isJsonType } from '#http'
import type { Secret } from '#kernel'
import { createLimitedFetch, type FetchLimits } from '../../limited-fetch.ts'

/** The facility could not be asked, or did not answer as its interface is documented. */
export class FacilityFault extends Error {
  override readonly name = 'FacilityFault'
}

/** What the facility gave this gateway to prove itself with (RFC 7617). */
export interface FacilityBasic {
  readonly username: string
  readonly password: Secret
}

export interface FacilityCall {
  readonly url: string
  /** Sent as JSON by POST; a GET without it. */
  readonly json?: Readonly<Record<string, string>>
  readonly basic?: FacilityBasic | undefined
}

export interface FacilityAnswer {
  readonly status: number
  /** As it came, where it calls itself JSON. */
  readonly text: string | undefined
}

/** @throws FacilityFault */
export type CallFacility = (call: FacilityCall) => Promise<FacilityAnswer>

export function createCallFacility(limits: FetchLimits): CallFacility {
  const fetchLimited = createLimitedFetch(limits)
  return async ({ url, json, basic }) => {
    const headers = {
      'user-agent': 'Gatehouse',
      accept: 'application/json',
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(basic !== undefined && { authorization: toBasic(basic) }),
    }
    const request = { method: json === undefined ? 'GET' : 'POST', headers, body: json && JSON.stringify(json) }
    try {
      const response = await fetchLimited(url, request)
      return {
        status: response.status,
        text: isJsonType(response.headers.get('content-type')) ? await response.text() : undefined,
      }
    } catch (error) {
      throw new FacilityFault(whyNoAnswer(error, limits))
    }
  }
}

/** @throws FacilityFault */
export function parseJson({ status, text }: FacilityAnswer): unknown {
  if (text === undefined) throw new FacilityFault(`status ${status} without JSON`)
  try {
    return JSON.parse(text)
  } catch {
    throw new FacilityFault(`status ${status} with JSON that cannot be read`)
  }
}

const toBasic = ({ username, password }: FacilityBasic): string =>
  `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`

function whyNoAnswer(error: unknown, { timeoutMs, maxBytes }: FetchLimits): string {
  if (!(error instanceof Error)) return 'no answer'
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  if (error.message.startsWith('the answer is larger')) return `an answer of more than ${maxBytes} bytes`
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? `no answer (${String(cause.code)})` : 'no answer'
}
