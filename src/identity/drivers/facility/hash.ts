// Exchanges the hash that an identity federation knows a person by (`EAAHash` of Umbrella) for the name of the account
// that the facility has linked with it. The facility's answer alone says who that is.

import { createCallFacility, FacilityFault } from './call.ts'
import { readNamedPerson } from './named-person.ts'

/**
 * @returns the name of the account at the facility, as the facility spells it; undefined if none is linked with the hash
 * @throws FacilityFault if it could not be asked, or its answer is not the documented one
 */
export type ExchangeHash = (hash: string) => Promise<string | undefined>

const LIMITS = { timeoutMs: 5_000, maxBytes: 65_536 }
const MAX_HASH_LENGTH = 1024

/** @param settings `url`: where the facility exchanges hashes (CalipsoPlus: `BACKEND_UO_HASH`) */
export function createExchangeHash({ url }: { readonly url: string }): ExchangeHash {
  const call = createCallFacility(LIMITS)
  return async (hash) => {
    if (hash === '' || hash.length > MAX_HASH_LENGTH) return undefined
    const { status, text = '' } = await call({ url, json: { eaa_hash: hash } })
    if (status === 404 || status === 400) return undefined
    if (status !== 200) throw new FacilityFault(`status ${status} to a hash`)
    const name = readNamedPerson(text)
    if (name === undefined) throw new FacilityFault('status 200 to a hash without the name of an account')
    return name
  }
}
