// The requests of `backend-ai-crossing`: along every way that a request can go, and with everything that can become of it.

import { hash } from 'node:crypto'
import { hideBody } from '../backend-ai/hide-body.ts'
import { type Asker, headersOf, othersIn, ownCookies } from './backend-ai-askers.ts'
import type { Ending, Reply } from './breakable-request.ts'

export type Place = 'manager' | 'router' | 'pipeline'

export interface Way {
  readonly path: string
  /** Where it goes. */
  readonly at: Place
  readonly methods: readonly string[]
  /** What proves there who asks; of strangers nothing does, and `required` then means that it never gets there. */
  readonly proof: 'none' | 'if known' | 'required'
  readonly shows: 'echo' | 'graphql' | 'version'
}

const ANY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** @param isOpen whether GraphQL needs no session, and the Manager has public routes, as from 26.8 on */
export const waysOf = ({ isOpen }: { readonly isOpen: boolean }): readonly Way[] => [
  { path: '/func/', at: 'manager', methods: ['GET'], proof: 'none', shows: 'version' },
  { path: '/func/cloud/x', at: 'manager', methods: ['GET', 'POST'], proof: 'none', shows: 'echo' },
  { path: '/func/openid/x', at: 'manager', methods: ['GET', 'POST'], proof: 'none', shows: 'echo' },
  { path: '/func/totp/anon/x', at: 'manager', methods: ['POST'], proof: isOpen ? 'none' : 'if known', shows: 'echo' },
  { path: '/func/folders', at: 'manager', methods: ANY, proof: 'required', shows: 'echo' },
  { path: '/func/session/x', at: 'manager', methods: ANY, proof: 'required', shows: 'echo' },
  { path: '/func/admin/graphql', at: 'manager', methods: ['POST'], proof: 'required', shows: 'graphql' },
  {
    path: '/func/admin/gql',
    at: 'router',
    methods: ['GET', 'POST'],
    proof: isOpen ? 'if known' : 'required',
    shows: 'graphql',
  },
  { path: '/pipeline/x', at: 'pipeline', methods: ANY, proof: 'none', shows: 'echo' },
  { path: '/pipeline/login/', at: 'pipeline', methods: ['POST'], proof: 'required', shows: 'echo' },
  ...(isOpen
    ? [{ path: '/func/v2/x/public/y', at: 'manager', methods: ANY, proof: 'none', shows: 'echo' } as const]
    : []),
]

/** What the service does: answers; answers with a cookie for this asker; closes at once; closes within the answer. */
export const fates = ['answered', 'marked', 'hung up', 'cut off'] as const
export type Fate = (typeof fates)[number]

export interface Question {
  readonly asker: Asker
  readonly way: Way
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** As it is sent, which may be hidden. */
  readonly body: Buffer | undefined
  /** As it is to arrive. */
  readonly meant: Buffer | undefined
  readonly fate: Fate
}

export const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T

/** @param url of the gateway */
export async function createQuestion(asker: Asker, way: Way, number: number, url: string): Promise<Question> {
  const method = pick(way.methods)
  const isAnswered = isAllowed(asker, way)
  const chance = Math.random()
  // Of `marked`, the service reads no body.
  const fate: Fate =
    chance < 0.06 ? pick(['hung up', 'cut off']) : chance < 0.3 && method === 'GET' ? 'marked' : 'answered'
  const query = new URLSearchParams({ by: asker.name, number: `${number}`, fate })
  if (way.shows === 'graphql' && method === 'GET') query.set('query', queryOf(asker, number))
  const meant = isAnswered && method !== 'GET' ? bodyOf(asker, way, number) : undefined
  // What goes to plugins stays hidden: it is theirs to read.
  const isHidden = way.proof === 'required' && meant !== undefined && meant.length < 2_000 && Math.random() < 0.2
  const body = isHidden ? Buffer.from(await hideBody(url, meant.toString())) : meant
  return {
    asker,
    way,
    method,
    target: `${way.path}?${query.toString()}`,
    headers: {
      ...headersOf(asker),
      origin: url,
      // Node says it by itself of some methods only.
      ...(body && { 'content-type': 'application/json', 'content-length': `${body.length}` }),
      ...(isHidden && { 'x-backendai-encoded': 'true' }),
    },
    body,
    meant,
    fate,
  }
}

const isAllowed = ({ accessKey }: Asker, { proof }: Way): boolean => proof !== 'required' || accessKey !== undefined

/** Every second one asks who asks. */
const queryOf = ({ name }: Asker, number: number): string =>
  number % 2 === 0 ? 'query { keypair { user_id } }' : `query { of_${name}_${number} }`

const bodyOf = (asker: Asker, { shows }: Way, number: number): Buffer =>
  shows === 'graphql'
    ? Buffer.from(JSON.stringify({ query: queryOf(asker, number) }))
    : Buffer.alloc(1 + Math.floor(Math.random() ** 4 * 100_000), `"${asker.name}" `)

/** @returns what is not as it must be, or not theirs; undefined if all is well */
export function faultOf(question: Question, number: number, ending: Ending): string | undefined {
  const { asker, way, fate } = question
  const what = `${asker.name} ${number} ${question.method} ${question.target}`
  if (ending.kind === 'broken off') return undefined
  if (ending.kind === 'cut') {
    return fate === 'hung up' || fate === 'cut off' ? undefined : `${what} was cut: ${ending.error.message}`
  }
  const { reply } = ending
  const strange = strangeIn(reply, question)
  if (strange !== undefined) return `${what} got ${strange}`
  if (!isAllowed(asker, way)) return reply.status === 401 ? undefined : `${what} was answered ${reply.status}`
  if (fate === 'hung up')
    return reply.status === 502 ? undefined : `${what} was hung up on, and answered ${reply.status}`
  if (fate === 'cut off') return `${what} was cut off, and got an answer that looks whole`
  if (reply.status !== 200) return `${what} was answered ${reply.status}: ${reply.text.slice(0, 200)}`
  return isTheirs(reply.text, question, number) ? undefined : `${what} got ${reply.text.slice(0, 500)}`
}

/** Whatever the answer is: nobody else is in it, and no cookie but the one that was meant for them. */
function strangeIn({ headers, text }: Reply, { asker, way, fate }: Question): string | undefined {
  const others = othersIn(JSON.stringify(headers) + text, asker)
  if (others.length > 0) return `something of ${others.join()}`
  if (text.includes('CANARY')) return 'a secret'
  if (headers['x-backendai-sessionid'] !== undefined) return 'the name of a session'
  const cookies = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0])
  const due = fate === 'marked' && isAllowed(asker, way) ? [`app=${asker.name}`] : []
  return cookies.join() === due.join() ? undefined : `the cookies ${cookies.join()}`
}

function isTheirs(text: string, { asker, way, target, fate, meant, method }: Question, number: number): boolean {
  if (fate === 'marked') return text === markFor(asker)
  const answer = JSON.parse(text)
  switch (way.shows) {
    case 'version':
      return answer.manager !== undefined
    case 'graphql': {
      const query = queryOf(asker, number)
      const isTold = number % 2 === 0 && asker.login !== undefined
      return isTold ? answer.data.keypair.user_id === asker.login.username : answer.data.query === query
    }
    case 'echo':
      return (
        answer.method === method &&
        answer.target === target.replace(/^\/(?:func|pipeline)/, '') &&
        answer.accessKey === (way.proof === 'none' ? undefined : asker.accessKey) &&
        answer.body.sha256 === hash('sha256', meant ?? '') &&
        cookiesOf(answer.headers) === ownCookies(asker)
      )
  }
}

const cookiesOf = (headers: readonly (readonly [string, string])[]): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1]

/** The body of what the service answers with a cookie. */
export const markFor = ({ name }: Asker): string => `for ${name} alone`
