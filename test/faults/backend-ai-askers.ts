// Who asks in `backend-ai-crossing`, and by what it is seen that something is theirs: whatever is made for one of them has
// their name in it, but for the name of a session.

import assert from 'node:assert/strict'
import type { BackendAiLab } from '../backend-ai/backend-ai-lab.ts'
import type { ManagerAccount } from '../support/backend-ai/index.ts'

export interface Asker {
  /** `person3`, or `stranger1` of somebody who has not logged in. */
  readonly name: string
  readonly login: { readonly username: string; readonly password: string } | undefined
  /** undefined of strangers. */
  readonly accessKey: string | undefined
  /** How a request says whose session it is of: by header or cookie. Empty for strangers. */
  readonly session: SessionProof
}

export type SessionProof = { readonly header: string } | { readonly cookie: string } | Record<string, never>

export interface Askers {
  readonly all: readonly Asker[]
  find(name: string | null): Asker | undefined
  /** Whose session has which name: of each that ever was. */
  readonly sessions: Map<string, string>
}

const PEOPLE = 6
const STRANGERS = 2
export const SESSION_NAME = /^[0-9a-f]{32}$/

export const accounts: readonly ManagerAccount[] = Array.from({ length: PEOPLE }, (_, index) => ({
  username: `person${index}@example.org`,
  password: `CANARY-of-person${index}`,
  accessKey: `AKIA-person${index}`,
}))

/** All people log in; every second one goes by the header from then on, as programs do. */
export async function createAskers(lab: BackendAiLab): Promise<Askers> {
  const sessions = new Map<string, string>()
  const people = accounts.map(async ({ username, password, accessKey }, index): Promise<Asker> => {
    const { cookies } = await lab.logIn(username)
    const session = cookies.get('AIOHTTP_SESSION') ?? assert.fail('a login sets its cookie')
    const name = `person${index}`
    sessions.set(session, name)
    return { name, login: { username, password }, accessKey, session: proofOf(session, index % 2 === 0) }
  })
  const strangers = Array.from({ length: STRANGERS }, (_, index) => createStranger(`stranger${index}`))
  const all = [...(await Promise.all(people)), ...strangers]
  return { all, sessions, find: (name) => all.find((asker) => asker.name === name) }
}

export const createStranger = (name: string): Asker => ({ name, login: undefined, accessKey: undefined, session: {} })

export const proofOf = (session: string, asHeader: boolean): SessionProof =>
  asHeader ? { header: session } : { cookie: session }

/** What the Manager may see of somebody's cookies. */
export const ownCookies = ({ name }: Asker): string => `mine=${name}; app=${name}`

/** What somebody sends with a request for plugins, which prove who asks in their own way. */
export const ownAuthorization = ({ name }: Asker): string => `Token of-${name}`

export function headersOf(asker: Asker): Readonly<Record<string, string>> {
  const { header, cookie } = asker.session as { header?: string; cookie?: string }
  return {
    // In the middle of the others.
    cookie: ownCookies(asker).replace('; ', cookie === undefined ? '; ' : `; AIOHTTP_SESSION=${cookie}; `),
    authorization: ownAuthorization(asker),
    ...(header !== undefined && { 'x-backendai-sessionid': header }),
  }
}

/** Whom all of a text speaks of, but for the one who may. */
export function othersIn(text: string, { name }: Pick<Asker, 'name'>): readonly string[] {
  return [...new Set(text.match(/(?:person|stranger)\d/g))].filter((found) => found !== name)
}
