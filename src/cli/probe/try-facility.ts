// Whether a facility's REST calls are there and say no to somebody whom nobody knows: all that can be known of them without
// a password. For `init` and `doctor`.

import { randomToken, type Secret } from '#kernel'
import { ask, type Reply } from './ask.ts'
import { bad, good, messageOf, type Outcome } from './outcome.ts'
import { readJson } from './read-json.ts'

export interface FacilityPlaces {
  readonly login: string
  readonly isAuthorized?:
    | {
        readonly url: string
        readonly basic?: { readonly username: string; readonly password: Secret } | undefined
      }
    | undefined
}

export async function tryFacility({ login, isAuthorized }: FacilityPlaces): Promise<Outcome> {
  // Said on purpose to whoever reads the facility's log.
  const nobody = `gatehouse-asks-${randomToken(8).replaceAll(/[^A-Za-z0-9]/g, '')}`
  const first = await tryCall(login, { username: nobody, password: randomToken(16) }, judgeLogin)
  if (!first.ok || isAuthorized === undefined) return first
  const second = await tryCall(isAuthorized.url, { login: nobody }, judgeAuthorization, isAuthorized.basic)
  return second.ok ? good(`${first.what}; ${second.what}`) : second
}

type Basic = NonNullable<NonNullable<FacilityPlaces['isAuthorized']>['basic']>
type Judge = (url: string, reply: Reply) => Outcome

async function tryCall(url: string, json: object, judge: Judge, basic?: Basic): Promise<Outcome> {
  const authorization = basic && {
    authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password.reveal()}`).toString('base64')}`,
  }
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...authorization }
  try {
    const reply = await ask(url, { method: 'POST', headers, body: JSON.stringify(json) })
    return judgeAnyway(url, reply) ?? judge(url, reply)
  } catch (error) {
    return bad(`${url} does not answer: ${messageOf(error)}`, 'start the service, or correct its address')
  }
}

/** What is wrong with an answer to either call; undefined if nothing is. */
function judgeAnyway(url: string, reply: Reply): Outcome | undefined {
  const { status } = reply
  const isJson = readJson(reply) !== undefined
  if (status === 404 && !isJson) return bad(`there is nothing at ${url} (404)`, CORRECT)
  if (status === 405) return bad(`${url} takes no POST (405)`, CORRECT)
  if (status >= 300 && status < 400)
    return bad(`${url} leads elsewhere (${status}), and no password is sent on`, 'write the address that it leads to')
  if (status >= 500) return bad(`${url} is in trouble (${status})`, 'see what the log of that service says')
  if (status === 200 && !isJson) return bad(`${url} answers 200 without JSON: it is a page, no call`, CORRECT)
  return undefined
}

const CORRECT = 'correct the address: it is the one that takes JSON by POST'

const judgeLogin: Judge = (url, { status }) =>
  status === 200
    ? bad(
        `${url} answers 200 to a name and a password that nobody has`,
        'have it answer 401 to those: any other answer 200 than the agreed one counts as a failure of the service',
      )
    : good(`${url} refuses a name that nobody has (${status})`)

const judgeAuthorization: Judge = (url, { status }) => {
  if (status === 401 || status === 403)
    return bad(
      `${url} refuses the gateway itself (${status})`,
      'compare isAuthorized.basic with what the facility gave',
    )
  return status === 200 || status === 404
    ? good(`${url} says who may (${status})`)
    : bad(`${url} answers ${status} to a question for authorization`, CORRECT)
}
