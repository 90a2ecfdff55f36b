// The one place that reads and writes cookies (RFC 6265). Values are opaque here; who reads one checks its form.

export interface SetCookie {
  /** With the prefix `__Host-` the cookie is Secure; ours are without only for plain http away from loopback. */
  readonly name: string
  readonly value: string
  /** Seconds; 0 deletes; undefined lasts as long as the browser. */
  readonly maxAgeSeconds?: number
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  /** Of a cookie whose name does not say so. */
  readonly isSecure?: boolean
  /** For scripts of a page that old clients brought along: what it says is shown, and proves nothing. */
  readonly isForScripts?: boolean
  /** `/` unless given. Not for names with the prefix `__Host-`, which browsers would refuse (RFC 6265bis §4.1.3.2). */
  readonly path?: string
}

/**
 * The values of every cookie of exactly this name, in order of appearance. Several mean that somebody else set one:
 * the caller must not choose. Names match byte for byte; nothing is unquoted or decoded.
 */
export function readCookies(header: string | undefined, name: string): readonly string[] {
  if (header === undefined) return []
  const values: string[] = []
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at + name.length)) {
    const afterName = at + name.length
    if (header[afterName] !== '=' || !startsPair(header, at)) continue
    const end = header.indexOf(';', afterName)
    // A space before the value is part of it, one after the pair is not.
    values.push(trimSpace(header.slice(afterName, end === -1 ? undefined : end)).slice(1))
  }
  return values
}

/** Whether nothing but space and tab stands between here and the pair's beginning. */
function startsPair(header: string, at: number): boolean {
  let before = at - 1
  while (header[before] === ' ' || header[before] === '\t') before--
  return before < 0 || header[before] === ';'
}

/** The Cookie header without the cookies whose name the filter takes; undefined when nothing is left. */
export function withoutCookies(header: string, drop: (name: string) => boolean): string | undefined {
  const kept = header
    .split(';')
    .map(trimSpace)
    .filter((pair) => pair !== '' && !drop(cookieName(pair)))
  return kept.length === 0 ? undefined : kept.join('; ')
}

/** The name in a Cookie pair or a Set-Cookie line; a pair without `=` is a nameless cookie with that value. */
export function cookieName(pair: string): string {
  const end = pair.search(/[=;]/)
  return end === -1 || pair[end] === ';' ? '' : trimSpace(pair.slice(0, end))
}

/**
 * A Set-Cookie line for the host that sends it alone: a Domain (RFC 6265 §5.2.3) would give the cookie to its siblings and
 * to the portal. Dropped in any spelling that a lenient parser could take for it.
 */
export function withoutDomain(line: string): string {
  const [pair = '', ...attributes] = line.split(';')
  const kept = attributes.filter((attribute) => !/^[^A-Za-z=]*domain[^A-Za-z=]*(?:=|$)/i.test(attribute))
  return [pair, ...kept].join(';')
}

/** @throws if name or value could not be one cookie: a programming error. */
export function serializeCookie(cookie: SetCookie): string {
  const { name, value, path = '/', isForScripts = false } = cookie
  const isValue = COOKIE_VALUE.test(value) || (isForScripts && QUOTED_WORDS.test(value))
  if (!TOKEN.test(name) || !isValue || !PATH.test(path)) throw new Error(`not a cookie: ${name}`)
  const parts = [`${name}=${value}`, `Path=${path}`, `SameSite=${cookie.sameSite}`]
  if (!isForScripts) parts.splice(2, 0, 'HttpOnly')
  if (cookie.isSecure === true || cookie.name.startsWith('__Host-')) parts.push('Secure')
  if (cookie.maxAgeSeconds !== undefined) parts.push(`Max-Age=${cookie.maxAgeSeconds}`)
  return parts.join('; ')
}

/** RFC 9110 §5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 6265 §4.1.1 cookie-octet */
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/

/** Words in quotation marks: browsers keep them, though RFC 6265 has no spaces. */
const QUOTED_WORDS = /^"[\x20\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"$/
/** RFC 6265 §4.1.1 path-value, as far as addresses here go */
const PATH = /^\/[A-Za-z0-9._~/-]*$/

/** Only space and tab: `String.trim` would also take a no-break space, which makes another name into ours. */
function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (text[start] === ' ' || text[start] === '\t') start++
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}
