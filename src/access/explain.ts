// What the gateway would decide about a request that nobody sends, by which rule, and what is missing. Asks the very
// decision that requests get (`Access.decide`); nothing is written down, and nobody is refused anything. For the policy
// tester of administrators and for `gatehouse explain`, so that both say the same.

import {
  type AppHost,
  type AppHosts,
  type Decision,
  isRefusal,
  type Mount,
  parseTarget,
  type RequestContext,
  type Route,
} from '#http'
import type { UserId } from '#kernel'
import type { Access, Principal } from './access.ts'

/** Instead of a person: somebody who is not logged in. */
export const ANONYMOUS = 'anonymous'

export interface ExplainDeps {
  readonly access: Pick<Access, 'users' | 'principalOf' | 'decide' | 'current'>
  /** What the edge would find: routes of our own first, then the mount with the longest prefix. */
  readonly find: (method: string, path: string, host?: AppHost) => Found
  /** Takes the base path off a raw request target. */
  readonly belowBase: (requestTarget: string) => string
  /** Whether a Host header means the portal. */
  readonly isOwnHost: (header: string) => boolean
  readonly hosts: AppHosts
}

interface Found {
  readonly route?: Route
  readonly mount?: Mount
}

export interface Question {
  /** A user id, `provider/subject`, a username that only one user has, or `anonymous`. */
  readonly user: string
  readonly method: string
  /** A path as in the address bar, or a whole address. */
  readonly address: string
  /** As if the person were in these groups too. */
  readonly groups?: readonly string[]
}

export interface Explanation {
  readonly decision: 'allowed' | 'refused' | 'nothing-there'
  readonly method: string
  readonly path: string
  /** Absent for a stranger. The groups are those of the last login, those of Gatehouse's own, and those supposed. */
  readonly person?: Principal
  /** Nobody of this name has ever logged in here, so nothing but the name and the supposed groups is known. */
  readonly isSupposed: boolean
  readonly answeredBy?: AnsweredBy
  readonly rule?: string
  /** Where the rule stands in the configuration: `upstreams[0].rules[1]`. */
  readonly place?: string
  readonly because?: string
  /** Each of these alone would be enough. */
  readonly missing: readonly string[]
}

/** Gatehouse itself, by the pattern of its route, or what is behind the door. */
export type AnsweredBy =
  | { readonly kind: 'gatehouse'; readonly address: string }
  | { readonly kind: 'service'; readonly id: string; readonly address: string }

/** Undefined if nobody is called so, or more than one is. */
export type Explain = (question: Question) => Promise<Explanation | undefined>

export const createExplain =
  (deps: ExplainDeps): Explain =>
  async (question) => {
    const asker = await identify(deps.access, question)
    return asker && explain(deps, asker, question)
  }

interface Asker {
  readonly person?: Principal
  readonly isSupposed: boolean
  readonly isDisabled: boolean
}

async function identify(
  { users, principalOf }: ExplainDeps['access'],
  { user: name, groups = [] }: Question,
): Promise<Asker | undefined> {
  if (name === ANONYMOUS) return { isSupposed: false, isDisabled: false }
  const user = await users.find(name)
  if (user !== undefined) {
    const isDisabled = user.disabledAt !== undefined || user.approval === 'refused'
    return { person: principalOf(user, [...user.groups, ...groups]), isSupposed: false, isDisabled }
  }
  const [, provider, subject] = /^([^/]+)\/(.+)$/s.exec(name) ?? []
  if (provider === undefined || subject === undefined) return undefined
  const stranger = { id: name as UserId, provider, subject, username: subject, displayName: subject, groups }
  const person = principalOf({ ...stranger, approval: 'approved', createdAt: 0, lastLoginAt: 0 })
  return { person, isSupposed: true, isDisabled: false }
}

function explain(deps: ExplainDeps, { person, isSupposed, isDisabled }: Asker, question: Question): Explanation {
  const method = question.method.toUpperCase()
  const { path, header, host } = addressOf(deps.hosts, question.address)
  const facts = { method, path, ...(person && { person }), isSupposed, missing: [] }
  if (header !== undefined && host === undefined && !deps.isOwnHost(header)) {
    return { ...facts, decision: 'refused', because: `${header} ${UNKNOWN_HOST}` }
  }
  const target = parseTarget(host === undefined ? deps.belowBase(path) : path)
  if (isRefusal(target)) {
    return { ...facts, decision: 'refused', because: `The address could be read in two ways: ${target.reason}.` }
  }
  const found = deps.find(method, target.path, host)
  const decision = decide(deps.access, person, { method, target, ...found })
  const answeredBy = toAnsweredBy(found)
  if (decision === undefined || answeredBy === undefined) return { ...facts, decision: 'nothing-there' }
  if (isDisabled) return { ...facts, answeredBy, decision: 'refused', because: 'The account is disabled.' }
  const place = placeOf(decision, found)
  const known = { ...facts, answeredBy, ...(place !== undefined && { place }) }
  if (decision.allow) return { ...known, decision: 'allowed', rule: decision.rule }
  return { ...known, decision: 'refused', because: decision.because, ...lackOf(decision) }
}

interface Address {
  readonly path: string
  /** What a request there would have as its Host, if the address says so. */
  readonly header?: string
  readonly host?: AppHost
}

/** Host and what stands after it, byte for byte: parsing it as a URL would resolve what the edge refuses. */
function addressOf(hosts: AppHosts, text: string): Address {
  const [, header, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(text) ?? []
  if (header === undefined) return { path: text }
  const host = hosts.find(header)
  return { path, header, ...(host !== undefined && { host }) }
}

const UNKNOWN_HOST = 'is no name of this gateway: people open it at server.url, and services at those of server.hosts.'

function decide(
  access: ExplainDeps['access'],
  person: Principal | undefined,
  asked: Found & Pick<RequestContext, 'method' | 'target'>,
): Decision | undefined {
  // Of a request, a decision reads what is given here.
  const ctx = { ...asked } as unknown as RequestContext
  access.current.set(ctx, person)
  return access.decide(ctx)
}

function toAnsweredBy({ route, mount }: Found): AnsweredBy | undefined {
  if (route !== undefined) return { kind: 'gatehouse', address: route.path }
  return mount && { kind: 'service', id: mount.id, address: `${mount.host ?? ''}${mount.prefix}` }
}

/** Policies say more of a decision than the rest of the gateway needs to know. */
function placeOf(decision: Decision, { route }: Found): string | undefined {
  if (route !== undefined) return route.access === 'admin' ? 'access.admins' : undefined
  return 'place' in decision && typeof decision.place === 'string' ? decision.place : undefined
}

function lackOf(decision: Decision): Pick<Explanation, 'rule' | 'missing'> {
  const rule = 'rule' in decision && typeof decision.rule === 'string' ? { rule: decision.rule } : {}
  const missing = 'missing' in decision && Array.isArray(decision.missing) ? decision.missing.map(String) : []
  return { ...rule, missing }
}
