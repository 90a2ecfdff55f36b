// What a Manager lets people do with their accounts: sign up and out, change the password, set up a second factor.

import type { Person } from './accounts.ts'
import { badParameters, credentialMismatch, notFound, rejectedByPlugin, sendJson, sendProblem } from './answers.ts'
import { closeLogin } from './login-records.ts'
import type { ManagerState } from './manager-state.ts'
import { ownerOf } from './owner.ts'
import { type Access, at, type Exchange, type Route, readObject } from './route.ts'
import { newTotpSecret, oneTimeCode } from './totp.ts'

type Body = Readonly<Record<string, unknown>>
/** @returns the answer's body, or a problem */
type Action = (body: Body, exchange: Exchange) => object | Promise<object>

export const accountRoutes = (state: ManagerState): readonly Route[] => [
  post('/auth/logout', 'anyone', (body) => logOut(state, body)),
  post('/auth/signup', 'anyone', (body) => signUp(state, body), 201),
  post('/auth/signout', 'proved', (body, { request }) => signOut(state, body, ownerOf(state.accounts, request))),
  post('/auth/update-password', 'proved', (body, { request }) =>
    changePassword(body, ownerOf(state.accounts, request)),
  ),
  post('/auth/update-password-no-auth', 'anyone', (body) => replacePassword(state, body)),
  post('/totp/anon', 'anyone', (body) => offerSecret(findRegistrant(state, body))),
  post('/totp/anon/activate', 'anyone', (body) => activate(state, body, findRegistrant(state, body))),
  post('/totp', 'proved', (_, { request }) => offerSecret(ownerOf(state.accounts, request))),
  post('/totp/verify', 'proved', (body, { request }) => activate(state, body, ownerOf(state.accounts, request))),
]

function post(path: string, access: Access, act: Action, status = 200): Route {
  return {
    name: `POST ${path}`,
    methods: ['POST'],
    path: at(path),
    access,
    async answer(exchange) {
      const body = await readObject(exchange)
      const outcome = body === undefined ? badParameters('Malformed body') : await act(body, exchange)
      if ('title' in outcome) sendProblem(exchange.response, outcome as ReturnType<typeof badParameters>)
      else sendJson(exchange.response, status, outcome)
    },
  }
}

/** There are logins to end only from 26.4 on. */
async function logOut(state: ManagerState, { session_token: token }: Body): Promise<object> {
  if (state.version === '26.2') return notFound()
  if (typeof token !== 'string') return badParameters('session_token is missing.')
  await closeLogin(state, token)
  return {}
}

function signUp({ accounts, domain }: ManagerState, body: Body): object {
  const { email, password } = body
  if (typeof email !== 'string' || typeof password !== 'string') return badParameters('email and password are needed.')
  if (body.domain !== domain) return badParameters(`There is no domain ${String(body.domain)}.`)
  if (accounts.find(({ username }) => username === email)) return badParameters('Already signed up.')
  const { accessKey, secretKey } = accounts.add({ username: email, password })
  return { access_key: accessKey, secret_key: secretKey }
}

function signOut({ accounts }: ManagerState, { email, password }: Body, person: Person | undefined): object {
  if (person === undefined || person.username !== email || person.password !== password) return credentialMismatch()
  accounts.remove(person)
  return {}
}

function changePassword(body: Body, person: Person | undefined): object {
  const { old_password: before, new_password: wanted, new_password2: again } = body
  if (typeof wanted !== 'string' || wanted !== again) return badParameters('new password mismatch')
  if (person === undefined || person.password !== before) return credentialMismatch('Incorrect old password.')
  person.password = wanted
  return {}
}

function replacePassword({ accounts, clock, domain, version }: ManagerState, body: Body): object {
  const { username, current_password: before, new_password: wanted } = body
  if (typeof wanted !== 'string') return badParameters('new_password is missing.')
  const person = accounts.find((each) => each.username === username && each.password === before)
  if (person === undefined || body.domain !== domain) return credentialMismatch()
  if (wanted === before) return badParameters('The new password is the current one.')
  person.password = wanted
  person.passwordExpiredOn = undefined
  const changedAt = { password_changed_at: new Date(clock.now()).toISOString() }
  return version === '26.2' ? changedAt : { data: null, ...changedAt }
}

const findRegistrant = ({ accounts }: ManagerState, { registration_token: token }: Body): Person | undefined =>
  accounts.find(({ totpRegistrationToken }) => totpRegistrationToken !== undefined && totpRegistrationToken === token)

/** Offered secrets that no code has confirmed yet. */
const offered = new WeakMap<Person, string>()

function offerSecret(person: Person | undefined): object {
  if (person === undefined) return credentialMismatch()
  const secret = newTotpSecret()
  offered.set(person, secret)
  return { totp_key: secret, totp_uri: `otpauth://totp/${encodeURIComponent(person.username)}?secret=${secret}` }
}

function activate({ clock }: ManagerState, { otp }: Body, person: Person | undefined): object {
  if (person === undefined) return credentialMismatch()
  if (otp === undefined) return rejectedByPlugin('OTP not provided')
  const secret = offered.get(person)
  if (secret === undefined || otp !== oneTimeCode(secret, clock.now()))
    return rejectedByPlugin('Failed to validate OTP')
  person.totpSecret = secret
  person.totpRegistrationToken = undefined
  return { success: true }
}
