// What the Manager and its neighbours received in `backend-ai-crossing`: each request is held against who asked for it.

import type { ReceivedRequest, StandIn } from '../support/backend-ai/index.ts'
import { type Asker, type Askers, othersIn, ownAuthorization, ownCookies } from './backend-ai-askers.ts'
import type { Place, Way } from './backend-ai-questions.ts'

export interface ReceivedCheck {
  /** Looks at what came since the last time, and forgets it. @returns what is not theirs who asked */
  check(): readonly string[]
  /** Since the beginning. */
  readonly received: number
  /** How many connections there were, and how many of them carried requests of several askers. */
  connections(): { readonly all: number; readonly shared: number }
}

export function createReceivedCheck(
  standIns: ReadonlyMap<Place, StandIn>,
  { ways, askers }: { readonly ways: readonly Way[]; readonly askers: Askers },
): ReceivedCheck {
  const askersOf = new Map<string, Set<string>>()
  let received = 0

  const checkOne = (request: ReceivedRequest, at: Place): string | undefined => {
    const [path = '', query] = request.target.split('?')
    const name = new URLSearchParams(query).get('by')
    if (name === null) return checkOwn(request, askers)
    const asker = askers.find(name)
    const prefix = at === 'pipeline' ? '/pipeline' : '/func'
    const way = ways.find((each) => each.at === at && each.path === prefix + path)
    if (asker === undefined || way === undefined) return 'went astray'
    const connection = `${at} ${request.connection}`
    askersOf.set(connection, (askersOf.get(connection) ?? new Set()).add(name))
    return checkAsked(request, { asker, way, askers })
  }

  return {
    check() {
      const found: string[] = []
      for (const [at, standIn] of standIns) {
        received += standIn.requests.length
        for (const request of standIn.requests) {
          const fault = checkOne(request, at)
          if (fault !== undefined) found.push(`${request.method} ${request.target} at the ${at} ${fault}`)
        }
        standIn.forgetRequests()
      }
      return found
    },
    get received() {
      return received
    },
    connections: () => ({
      all: askersOf.size,
      shared: askersOf
        .values()
        .filter((names) => names.size > 1)
        .toArray().length,
    }),
  }
}

interface Asked {
  readonly asker: Asker
  readonly way: Way
  readonly askers: Askers
}

function checkAsked(request: ReceivedRequest, { asker, way, askers }: Asked): string | undefined {
  const { hmac, token } = request.verification
  const isProved = way.proof !== 'none' && asker.accessKey !== undefined
  if (isProved) {
    const proofs = way.at === 'router' ? [hmac, token] : [hmac]
    if (!proofs.every((proof) => proof?.isValid === true && proof.accessKey === asker.accessKey)) {
      return `came with the proofs ${JSON.stringify({ hmac, token })}`
    }
  } else {
    if (way.proof === 'required') return 'came without a session'
    if (request.all('authorization').join() !== ownAuthorization(asker)) {
      return `came with the Authorization ${request.all('authorization').join()}`
    }
    if (token !== undefined) return 'came with a token'
  }
  if (request.all('cookie').join() !== ownCookies(asker)) return `came with the cookies ${request.all('cookie').join()}`
  const head = JSON.stringify(request.headers)
  const others = [...othersIn(head, asker), ...othersIn(request.body.content.toString(), asker)]
  if (others.length > 0) return `came with something of ${others.join()}`
  return checkSessions(head, isProved && way.at === 'pipeline' ? asker : undefined, askers)
}

/** Whoever logs in at the pipeline tells it the name of the session, to call back with; nobody else tells it. */
function checkSessions(head: string, teller: Asker | undefined, { sessions }: Askers): string | undefined {
  for (const name of head.match(/\b[0-9a-f]{32}\b/g) ?? []) {
    const owner = sessions.get(name)
    if (owner !== undefined && owner !== teller?.name) return `came with the session of ${owner}`
  }
  return undefined
}

/** What the gateway itself asks when somebody logs in or out: with nothing of anybody's but what the body says. */
function checkOwn(request: ReceivedRequest, { sessions }: Askers): string | undefined {
  const wayOf: Readonly<Record<string, true>> = { '/': true, '/auth/authorize': true, '/auth/logout': true }
  if (wayOf[request.target] === undefined) return 'came from nobody'
  for (const header of ['cookie', 'authorization', 'x-backendai-token', 'x-backendai-sessionid']) {
    if (request.all(header).length > 0) return `came with ${header}`
  }
  const text = request.body.content.toString()
  if (request.target !== '/auth/logout' || request.body.state !== 'whole') return undefined
  return sessions.has(JSON.parse(text).session_token) ? undefined : `ended a session that is nobody's: ${text}`
}
