// Login at a facility by its REST interface: one call proves the person, another may say whether they are let in. The
// same interface exchanges hashes and lists experiments (`facility/`), which other parts use.

import type { GatewayError } from '#kernel'
import { type DriverDeps, defineDriver, type PasswordProvider, type Verification } from '../provider.ts'
import { providerAway } from '../provider-away.ts'
import { createIsAuthorized } from './facility/authorization.ts'
import { FacilityFault } from './facility/call.ts'
import { type FacilityConfig, facilityConfig } from './facility/config.ts'
import { createCheckPassword, namesPerson, type PasswordAnswer } from './facility/password-check.ts'
import { isUsableName, isUsablePassword } from './usable-form.ts'

export const facilityDriver = defineDriver({
  type: 'facility',
  config: facilityConfig,
  create: createFacilityProvider,
})

/**
 * Where the answer names nobody, the person is whom it was asked about, and services differ in what they take for the same
 * name: no letters but these, because some databases do not tell `á` from `a`, nor a space at the end from none.
 */
const PLAIN_NAME = /^[\x21-\x7e]{1,255}$/

function createFacilityProvider(config: FacilityConfig, _deps: DriverDeps): PasswordProvider {
  const label = config.label ?? config.id
  const checkPassword = createCheckPassword({ url: config.login, success: config.success })
  const isAuthorized = config.isAuthorized && createIsAuthorized(config.isAuthorized)
  const isNamed = namesPerson(config.success)

  const toName = (typed: string): string | undefined => {
    const trimmed = typed.trim()
    const name = config.usernames === 'lower-case' ? trimmed.toLowerCase() : trimmed
    return isUsableName(name) && (isNamed || PLAIN_NAME.test(name)) ? name : undefined
  }

  const unavailable = (error: unknown): GatewayError =>
    providerAway({ label, reason: error instanceof FacilityFault ? error.message : 'unknown' })

  const admit = async (asked: string, answer: Extract<PasswordAnswer, { kind: 'accepted' }>): Promise<Verification> => {
    const name = answer.name ?? asked
    const mayEnter = await isAuthorized?.(name)
    const { group } = config.isAuthorized ?? {}
    if (mayEnter === false && group === undefined) return NOT_AUTHORIZED
    const groups = mayEnter === true && group !== undefined ? [config.groupsPrefix + group] : []
    const identity = { provider: config.id, issuer: config.login, subject: name, username: name, displayName: name }
    return { kind: 'proven', proof: { identity: { ...identity, groups } } }
  }

  return Object.freeze({
    kind: 'password',
    id: config.id,
    type: 'facility',
    label,
    yieldsCredential: false,

    async verify({ username, password }): Promise<Verification> {
      const name = toName(username)
      if (name === undefined || !isUsablePassword(password)) return REFUSED
      try {
        const answer = await checkPassword(name, password)
        return answer.kind === 'accepted' ? await admit(name, answer) : REFUSED
      } catch (error) {
        throw unavailable(error)
      }
    },
  } satisfies PasswordProvider)
}

const REFUSED: Verification = { kind: 'refused', reason: 'credentials' }

const NOT_AUTHORIZED: Verification = {
  kind: 'refused',
  reason: 'not_authorized',
  notice: 'Your name and password are right, but your account there is not authorised to use this service.',
}
