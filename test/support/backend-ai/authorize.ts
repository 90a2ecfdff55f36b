// `POST /auth/authorize`: what a login comes to, in the words that the Web UI compares.

import type { Person } from './accounts.ts'
import {
  badParameters,
  credentialMismatch,
  type ManagerProblem,
  rejectedByPlugin,
  sendJson,
  sendProblem,
} from './answers.ts'
import { openLogin, publicFields } from './login-records.ts'
import type { ManagerState } from './manager-state.ts'
import { at, type Exchange, type Route, readObject } from './route.ts'

export const authorizeRoute = (state: ManagerState): Route => ({
  name: 'POST /auth/authorize',
  methods: ['POST'],
  path: at('/auth/authorize'),
  access: 'anyone',
  async answer(exchange) {
    const outcome = await authorize(state, exchange)
    if ('title' in outcome) sendProblem(exchange.response, outcome)
    else sendJson(exchange.response, 200, { data: outcome })
  },
})

type Outcome = ManagerProblem | { readonly response_type: string }
type LoginBody = Readonly<Record<string, unknown>>

async function authorize(state: ManagerState, exchange: Exchange): Promise<Outcome> {
  const body = await readObject(exchange)
  if (body === undefined) return badParameters('Malformed body')
  if (body.type !== 'keypair') return badParameters('The type must be keypair.')
  if (body.domain !== state.domain) return credentialMismatch()
  const person = findPerson(state, body, exchange)
  if (person === undefined) return credentialMismatch()
  return (
    findObstacle(state, person) ?? askSecondFactor(state, person, body) ?? logIn(state, person, body.force === true)
  )
}

/** A token of single sign-on, in the body or in a cookie, goes before name and password. */
function findPerson({ accounts }: ManagerState, body: LoginBody, { request }: Exchange): Person | undefined {
  const cookies = request.all('cookie').join('; ')
  const token = body.stoken ?? body.sToken ?? /(?:^|;\s*)sToken=([^;]*)/.exec(cookies)?.[1]
  if (token !== undefined) return accounts.find(({ signInToken }) => signInToken === token)
  const { username, password } = body
  return accounts.find((each) => each.username === username && each.password === password)
}

function findObstacle({ version }: ManagerState, person: Person): ManagerProblem | undefined {
  if (person.isLoginBlocked && version === '26.8') {
    return { status: 429, type: 'login-blocked', title: 'Too many failed login attempts.' }
  }
  if (person.passwordExpiredOn === undefined) return undefined
  const msg = `Password expired on ${person.passwordExpiredOn}`
  return { status: 401, type: 'password-expired', title: 'Password has expired.', msg }
}

function askSecondFactor({ accounts }: ManagerState, person: Person, { otp }: LoginBody): Outcome | undefined {
  const { totpRegistrationToken: token, totpSecret, username } = person
  const type = 'TOTP'
  if (token !== undefined) return Object.freeze({ response_type: 'REQUIRE_TWO_FACTOR_REGISTRATION', token, type })
  if (totpSecret === undefined) return undefined
  if (otp === undefined || otp === '') return Object.freeze({ response_type: 'REQUIRE_TWO_FACTOR_AUTH', type })
  return otp === accounts.oneTimeCode(username) ? undefined : rejectedByPlugin('Invalid TOTP code provided.')
}

async function logIn(state: ManagerState, person: Person, isForced: boolean): Promise<Outcome> {
  const success = {
    response_type: 'success',
    type: 'keypair',
    ...publicFields(state.version, person),
    secret_key: person.secretKey,
  }
  if (state.version === '26.2') return success
  const token = await openLogin(state, person, isForced)
  return typeof token === 'string' ? Object.freeze({ ...success, session_token: token }) : token
}
