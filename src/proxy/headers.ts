// The one file for hop-by-hop and forwarding header rules. In both directions a message's
// headers are built anew: first what belongs to the connection goes, then what the sender may not say, and only then
// are ours added. Compiled once per upstream, used once per message by `forward.ts` and `tunnel.ts`.

import { canonicalName, cookieName, type RequestContext, serializeCookie, withoutCookies, withoutDomain } from '#http'
import {
  ANSWER_DROPPED,
  HOP_BY_HOP,
  IDENTITY_NAMES,
  IDENTITY_PREFIXES,
  ONE_SPELLING,
  OWN_FRAMING,
} from './header-names.ts'

export interface HeaderRules {
  /** What of the client's headers goes on, with order and repeats kept. @param rawHeaders as Node gives them. */
  toUpstream(rawHeaders: readonly string[], isUpgrade: boolean): string[]
  /** What of the upstream's headers goes back, then what steps added to the answer. */
  toClient(ctx: RequestContext, status: number, headers: AnswerHeaders): string[]
}

/** Names in lower case; the values of a repeated header in order. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface HeaderRulesOptions {
  /** Headers that only the upstream's signer sets. */
  readonly owned: readonly string[]
  /** Headers in which a front server says who a person is (`Identities.frontHeaders`): they end here. */
  readonly frontHeaders: readonly string[]
  readonly forwardAuthorization: boolean
  /** Of the client's only these go on, lower case; undefined: all that do not say who the client is. */
  readonly forwardedHeaders?: readonly string[] | undefined
  /** Cookies that only the gateway may see and set. */
  readonly cookieNames: readonly string[]
  /** Where we show the upstream: scripts of its pages may control no other (Service Workers §6.2). */
  readonly publicPrefix: string
  /** Whether that is on a host of its own: then it says nothing about the domain above, where the portal may be. */
  readonly isAlone: boolean
  /** Maps a Location of the upstream itself to where we show it. */
  readonly toPublicLocation: (location: string) => string
}

export function createHeaderRules(options: HeaderRulesOptions): HeaderRules {
  const ruleFor = createRules(options)
  const isOwnCookie = createCookieTest(options.cookieNames)
  const adapt = createAnswerAdapters(options, isOwnCookie)

  return Object.freeze({
    toUpstream(rawHeaders: readonly string[], isUpgrade: boolean) {
      const kept: string[] = []
      let nominated: Set<string> | undefined
      for (let index = 0; index < rawHeaders.length; index += 2) {
        const value = rawHeaders[index + 1] as string
        const { name, verdict } = ruleFor(rawHeaders[index] as string)
        if (verdict === 'pass' || (verdict === 'passUnlessUpgrade' && !isUpgrade)) kept.push(name, value)
        else if (verdict === 'cookie') push(kept, name, withoutCookies(value, isOwnCookie))
        else if (verdict === 'connection') nominated = addNominated(nominated, value)
      }
      return nominated === undefined ? kept : withoutNames(kept, nominated)
    },
    toClient(ctx: RequestContext, status: number, headers: AnswerHeaders) {
      const kept: string[] = []
      const nominated = addNominated(undefined, headers.connection)
      for (const name in headers) {
        const rule = ANSWER_RULES.get(name)
        if (rule === 'drop' || nominated?.has(name) === true || isReplaced(ctx, name)) continue
        push(kept, name, rule === undefined ? headers[name] : adapt[rule](headers[name], status))
      }
      return addOurs(kept, ctx)
    },
  })
}

type Verdict = 'pass' | 'passUnlessUpgrade' | 'cookie' | 'connection' | 'drop'

interface Rule {
  readonly name: string
  readonly verdict: Verdict
}

/** Judges a name once and remembers it, up to a bound that no stranger can push. */
function createRules(options: HeaderRulesOptions): (rawName: string) => Rule {
  const judge = createJudge(options)
  const known = new Map<string, Rule>()
  return (rawName) => {
    const rule = known.get(rawName)
    if (rule !== undefined) return rule
    const judged = judge(rawName.toLowerCase())
    if (known.size < MAX_KNOWN_NAMES && rawName.length <= MAX_KNOWN_LENGTH) known.set(rawName, judged)
    return judged
  }
}

const MAX_KNOWN_NAMES = 1000
const MAX_KNOWN_LENGTH = 64

function createJudge(options: HeaderRulesOptions): (name: string) => Rule {
  const { owned, frontHeaders, forwardAuthorization, forwardedHeaders } = options
  const dropped = new Set([...HOP_BY_HOP, ...OWN_FRAMING, ...[...owned, ...frontHeaders].map(canonicalName)])
  const forwarded = forwardedHeaders && new Set(forwardedHeaders)
  // A list of what goes on is exact, and may hold a name that means something else to this service.
  const isKept = (name: string, canonical: string): boolean =>
    forwarded === undefined ? !isIdentity(canonical) : forwarded.has(name)
  if (!forwardAuthorization) dropped.add('authorization')
  const verdictFor = (name: string): Verdict => {
    if (name === 'connection') return 'connection'
    const canonical = canonicalName(name)
    if (dropped.has(canonical) || !isKept(name, canonical)) return 'drop'
    if (name !== canonical && ONE_SPELLING.has(canonical)) return 'drop'
    if (name === 'cookie') return 'cookie'
    // A handshake has no content, and some servers sign or check the type of what is not there.
    return name === 'content-type' ? 'passUnlessUpgrade' : 'pass'
  }
  return (name) => ({ name, verdict: verdictFor(name) })
}

const identityNames: ReadonlySet<string> = new Set(IDENTITY_NAMES)

const isIdentity = (canonical: string): boolean =>
  identityNames.has(canonical) || IDENTITY_PREFIXES.some((prefix) => canonical.startsWith(prefix))

/**
 * Ours, those of another gateway on the same host, and any that a lenient parser could take for one of them: nameless
 * cookies, and names behind characters that some parsers skip.
 */
export function createCookieTest(cookieNames: readonly string[]): (name: string) => boolean {
  const names = cookieNames.map((name) => RegExp.escape(name)).join('|')
  const own = new RegExp(`^[^A-Za-z0-9_]*(?:${names === '' ? '' : `${names}|`}(?:__Host-|__Secure-)?gatehouse)`, 'i')
  return (name) => name === '' || own.test(name)
}

type Values = string | readonly string[] | undefined
type Adapter = (values: Values, status: number) => Values

const ANSWER_RULES: ReadonlyMap<string, 'drop' | 'location' | 'cookies' | 'length' | 'scope'> = new Map([
  ...[...HOP_BY_HOP, ...ANSWER_DROPPED].map((name) => [name, 'drop'] as const),
  ['location', 'location'],
  ['content-location', 'location'],
  ['set-cookie', 'cookies'],
  ['content-length', 'length'],
  ['service-worker-allowed', 'scope'],
])

function createAnswerAdapters(
  { toPublicLocation, publicPrefix, isAlone }: HeaderRulesOptions,
  isOwnCookie: (name: string) => boolean,
): Record<'location' | 'cookies' | 'length' | 'scope', Adapter> {
  return {
    scope: () => publicPrefix,
    location: (values) => listOf(values).map(toPublicLocation),
    cookies: (values) => {
      const kept = listOf(values).filter((line) => !isOwnCookie(cookieName(line)))
      return isAlone ? kept.map(withoutDomain) : kept
    },
    // RFC 9110 §8.6: none with 1xx and 204. One plain decimal number otherwise, whatever way it came.
    length: (values, status) =>
      status < 200 || status === 204 || typeof values !== 'string' || !/^\d+$/.test(values)
        ? []
        : values.replace(/^0+(?=\d)/, ''),
  }
}

/** What steps say replaces what the upstream said; Vary is a list, to which both add. */
const isReplaced = (ctx: RequestContext, name: string): boolean => name !== 'vary' && ctx.responseHeaders.has(name)

function addOurs(headers: string[], ctx: RequestContext): string[] {
  for (const [name, value] of ctx.responseHeaders) headers.push(name, value)
  for (const cookie of ctx.responseCookies) headers.push('set-cookie', serializeCookie(cookie))
  return headers
}

/** RFC 9110 §7.6.1: names listed in Connection are about this connection too. Adds them; most requests have none. */
function addNominated(names: Set<string> | undefined, values: Values): Set<string> | undefined {
  if (values === undefined || (typeof values === 'string' && NOTHING_NOMINATED.test(values))) return names
  const all = names ?? new Set<string>()
  for (const value of listOf(values)) for (const token of value.split(',')) all.add(token.trim().toLowerCase())
  return all
}

const NOTHING_NOMINATED = /^(?:keep-alive|close|upgrade)$/i

function withoutNames(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (!names.has(headers[index] as string)) kept.push(headers[index] as string, headers[index + 1] as string)
  }
  return kept
}

function push(headers: string[], name: string, values: Values): void {
  if (typeof values === 'string') headers.push(name, values)
  else if (values !== undefined) for (const value of values) headers.push(name, value)
}

const listOf = (values: Values): readonly string[] =>
  values === undefined ? [] : typeof values === 'string' ? [values] : values
