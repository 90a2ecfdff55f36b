// Asks a facility whether somebody who has proved who they are may use this service.

import { z } from 'zod'
import { createCallFacility, type FacilityBasic, FacilityFault, parseJson } from './call.ts'

/** @throws FacilityFault: then nobody knows, and nobody may */
export type IsAuthorized = (login: string) => Promise<boolean>

export interface AuthorizationSettings {
  /** CalipsoPlus: `BACKEND_UO_IS_AUTHORIZED`. */
  readonly url: string
  readonly basic?: FacilityBasic | undefined
}

const LIMITS = { timeoutMs: 4_000, maxBytes: 65_536 }

const answerBody = z.strictObject({ result: z.boolean() })

export function createIsAuthorized({ url, basic }: AuthorizationSettings): IsAuthorized {
  const call = createCallFacility(LIMITS)
  return async (login) => {
    const answer = await call({ url, json: { login }, basic })
    // Unknown there.
    if (answer.status === 404) return false
    if (answer.status !== 200) throw new FacilityFault(`status ${answer.status} to a question for authorization`)
    const { data } = answerBody.safeParse(parseJson(answer))
    if (data === undefined) throw new FacilityFault('status 200 to a question for authorization without a result')
    return data.result
  }
}
