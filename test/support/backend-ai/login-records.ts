// Logins that a Manager keeps from 26.4 on: it names them, may refuse one too many, and writes the record that the
// webserver will read.

import { randomUUID } from 'node:crypto'
import type { Person } from './accounts.ts'
import type { ManagerProblem } from './answers.ts'
import type { ManagerState } from './manager-state.ts'

/** The Redis that Manager and webserver share. */
export interface SharedRecords {
  set(key: string, value: string, lifetimeSeconds: number): Promise<unknown>
  delete(key: string): Promise<unknown>
}

/** A week, as a webserver's own sessions have by default. */
const lifetimeSeconds = 604_800

/** @returns the new login's token, or why there can be none */
export async function openLogin(
  state: ManagerState,
  person: Person,
  isForced: boolean,
): Promise<string | ManagerProblem> {
  if (person.logins.length >= person.maxConcurrentLogins) {
    const oldest = person.logins[0]
    if (!isForced || oldest === undefined) return tooManyLogins
    await closeLogin(state, oldest)
  }
  const token = randomUUID().replaceAll('-', '')
  person.logins.push(token)
  await state.records?.set(keyOf(token), JSON.stringify(toRecord(state, person)), lifetimeSeconds)
  await state.records?.delete(`login_history_${person.username}`)
  return token
}

export async function closeLogin(state: ManagerState, token: string): Promise<void> {
  const person = state.accounts.find(({ logins }) => logins.includes(token))
  if (person === undefined) return
  person.logins.splice(person.logins.indexOf(token), 1)
  await state.records?.delete(keyOf(token))
}

const keyOf = (token: string): string => `AIOHTTP_SESSION_${token}`

function toRecord({ version, clock }: ManagerState, person: Person): object {
  const created = Math.floor(clock.now() / 1000)
  return {
    created,
    session: {
      authenticated: true,
      token: { type: 'keypair', ...publicFields(version, person), secret_key: person.secretKey },
    },
    expiration_dt: created + lifetimeSeconds,
  }
}

/** What a login tells of a person, the secret key aside. */
export const publicFields = (version: ManagerState['version'], person: Person): object => ({
  access_key: person.accessKey,
  role: person.role,
  status: person.status,
  ...(version === '26.8' && { user_id: person.userId }),
})

const tooManyLogins: ManagerProblem = {
  status: 409,
  type: 'active-login-session-exists',
  title: 'Too many concurrent login sessions for this user.',
}
