// Asks a facility whether a name and a password are right. Only the answer that the operator wrote down is a yes, to the
// last field: a proxy's error page, an empty object or a new version of the service is none.

import { isDeepStrictEqual } from 'node:util'
import { parseJson } from '#kernel'
import { isUsableName } from '../usable-form.ts'
import { createCallFacility, FacilityFault } from './call.ts'
import { USERNAME } from './settings.ts'

/** JSON, where the text `$USERNAME` as a field's value stands for the name of the person. */
export type SuccessAnswer = string | Readonly<Record<string, string | number | boolean>>

export interface PasswordCheckSettings {
  /** CalipsoPlus: `BACKEND_UO_LOGIN`. */
  readonly url: string
  readonly success: SuccessAnswer
}

export type PasswordAnswer =
  | {
      readonly kind: 'accepted'
      /** Who it is, where the answer says so. */
      readonly name?: string
    }
  | { readonly kind: 'refused' }

/** @throws FacilityFault */
export type CheckPassword = (username: string, password: string) => Promise<PasswordAnswer>

const LIMITS = { timeoutMs: 5_000, maxBytes: 65_536 }
/** 401 and 400 are documented; the others are how further services say no. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404])

export function createCheckPassword({ url, success }: PasswordCheckSettings): CheckPassword {
  const call = createCallFacility(LIMITS)
  return async (username, password) => {
    const { status, text } = await call({ url, json: { username, password } })
    if (REFUSALS.has(status)) return { kind: 'refused' }
    if (status !== 200) throw new FacilityFault(`status ${status} to a login`)
    if (text === undefined) throw new FacilityFault('status 200 to a login without JSON')
    const accepted = readSuccess(text, success)
    if (accepted === undefined) throw new FacilityFault('status 200 to a login with another answer than the agreed one')
    return { kind: 'accepted', ...accepted }
  }
}

/** Whether the answer will say who the person is. */
export const namesPerson = (success: SuccessAnswer): boolean => fieldOfName(success) !== undefined

const fieldOfName = (success: SuccessAnswer): string | undefined =>
  typeof success === 'string' ? undefined : Object.keys(success).find((field) => success[field] === USERNAME)

/** In JSON that parses, and only there, this finds each key of a flat object. */
const KEY = /"(?:[^"\\]|\\.)*"\s*:/g

function readSuccess(text: string, success: SuccessAnswer): { readonly name?: string } | undefined {
  const body = parseJson(text)
  if (typeof body !== 'object' || body === null) return body === success ? {} : undefined
  // A facility that puts its answer together as text could be made to repeat a field by a name with quotes in it.
  if (text.match(KEY)?.length !== Object.keys(body).length) return undefined
  const field = fieldOfName(success)
  if (field === undefined) return isDeepStrictEqual(body, success) ? {} : undefined
  const { [field]: name, ...rest } = body as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || !isUsableName(name)) return undefined
  return isDeepStrictEqual({ ...rest, [field]: USERNAME }, success) ? { name } : undefined
}
