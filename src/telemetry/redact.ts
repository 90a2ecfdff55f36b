// What may not be in a log line, taken out where the line is made: secrets by the name of their field, secrets inside
// text (query strings, headers, tokens, JSON), and whatever is too long, too deep or no plain data.
// Every log line passes here, so the fast path matters: text without a suspicious character is only looked at once.

import { Secret } from '#kernel'

const REDACTED = '[redacted]'
const MAX_TEXT = 512
/** Longer text is cut before it is searched, so that a line costs the same whatever a stranger sends. */
const MAX_SEARCHED = 4096
const MAX_STACK = 1200
const MAX_DEPTH = 4
const MAX_KEYS = 40
const MAX_ITEMS = 20
const MAX_CAUSES = 3

/** Copies fields into `target`, safe to log: secrets are replaced, objects that are no plain data appear by name only. */
export function redactInto(target: Record<string, unknown>, fields: Readonly<Record<string, unknown>>): void {
  copyRedacted(target, fields, 0)
}

/** Text without secrets and of bounded length. */
export function redactText(text: string, maxLength = MAX_TEXT): string {
  if (text.length <= maxLength && !SUSPICIOUS.test(text)) return text
  const searched = text.length > MAX_SEARCHED ? text.slice(0, MAX_SEARCHED) : text
  const clean = SUSPICIOUS.test(searched) ? scrub(searched) : searched
  if (clean.length <= maxLength && searched.length === text.length) return clean
  const kept = clean.slice(0, maxLength)
  return `${kept}… (${text.length} characters)`
}

/** One of these is in everything that `scrub` looks for; the last two begin a JWT and a token of our own. */
const SUSPICIOUS = /[\s="@]|eyJ|ghs?_/
const PAIR = /([\w%.~[\]-]{1,64})=([^&;#\s"'<>,]+)/g
const JSON_PAIR = /"([\w.-]{1,64})"\s{0,4}:\s{0,4}"(?:[^"\\]|\\.)*"?/g
const AUTHORIZATION = /\b(bearer|basic)\s{1,4}[^\s"',]{6,}/gi
const USER_INFO = /:\/\/[^/?#\s@]+@/g
/** `gh_…` and `ghs_…` (`#tokens`), in a path as well; as much of one as was copied. */
const OWN_TOKEN = /ghs?_[0-9A-Za-z]{16,}/g
const JWT = /\beyJ[\w-]{8,}(?:\.[\w-]*)*/g

const scrub = (text: string): string =>
  text
    .replace(USER_INFO, `://${REDACTED}@`)
    .replace(AUTHORIZATION, `$1 ${REDACTED}`)
    .replace(JWT, REDACTED)
    .replace(OWN_TOKEN, REDACTED)
    .replace(PAIR, (pair, name: string) => (isSecretParameter(decoded(name)) ? `${name}=${REDACTED}` : pair))
    .replace(JSON_PAIR, (pair, name: string) => (isSecretParameter(name) ? `"${name}":"${REDACTED}"` : pair))

const SECRET_NAME =
  /authori[sz]ation|cookie|passw|passphrase|secret|token|apikey|privatekey|signature|assertion|samlresponse|verifier/
const SECRET_WORDS: ReadonlySet<string> = new Set(['otp', 'totp', 'pwd', 'pass', 'sid'])
/** Harmless as names of fields, but not in a query string, where they belong to a login. */
const LOGIN_PARAMETERS: ReadonlySet<string> = new Set(['code', 'state', 'nonce', 'ticket', 'key', 'session', 'sig'])

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const isSecretName = (plain: string): boolean => SECRET_NAME.test(plain) || SECRET_WORDS.has(plain)

function isSecretParameter(name: string): boolean {
  const plain = plainName(name)
  return isSecretName(plain) || LOGIN_PARAMETERS.has(plain) || /^(host|secure)|gatehouse/.test(plain)
}

interface Field {
  /** As it stands in the line. */
  readonly name: string
  readonly isSecret: boolean
}

/** Field names come from our own code: a small set, worth remembering. */
const knownFields = new Map<string, Field>()

function fieldOf(given: string): Field {
  const known = knownFields.get(given)
  if (known !== undefined) return known
  const name = RESERVED.has(given) ? `${given}_` : given
  const field = Object.freeze({ name, isSecret: isSecretName(plainName(given)) })
  if (knownFields.size < 1000) knownFields.set(given, field)
  return field
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function copyRedacted(target: Record<string, unknown>, object: Readonly<Record<string, unknown>>, depth: number): void {
  let count = 0
  for (const name of Object.keys(object)) {
    const value = object[name]
    if (value === undefined || name === '__proto__') continue
    if (++count > MAX_KEYS) {
      target.more = `${Object.keys(object).length - MAX_KEYS} fields left out`
      return
    }
    const field = fieldOf(name)
    target[field.name] = field.isSecret && isRevealing(value) ? REDACTED : redactValue(value, depth)
  }
}

/** What the line itself says: no field may pose as one of these. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'toJSON'])

const isRevealing = (value: unknown): boolean => value !== null && typeof value !== 'boolean'

function redactValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value)
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : redactInstance(value, depth + 1)
    case 'function':
    case 'symbol':
    case 'undefined':
      return undefined
  }
}

function redactInstance(value: object, depth: number): unknown {
  if (value instanceof Secret) return String(value)
  if (value instanceof Error) return describeError(value, 0)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof URL) return redactText(value.href)
  if (Array.isArray(value)) {
    return depth > MAX_DEPTH
      ? `[${value.length} items]`
      : value.slice(0, MAX_ITEMS).map((item) => redactValue(item, depth))
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor?.name ?? 'object'}]`
  if (depth > MAX_DEPTH) return '[object]'
  const copy: Record<string, unknown> = {}
  copyRedacted(copy, value as Record<string, unknown>, depth)
  return copy
}

/** What helps to find the fault. Other properties stay out: libraries hang requests, responses and bodies there. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  const { code, status, internal } = error as { code?: unknown; status?: unknown; internal?: unknown }
  const isPlain = typeof internal === 'object' && internal !== null && Object.keys(internal).length > 0
  return {
    type: redactText(error.name, 64),
    message: redactText(error.message),
    ...((typeof code === 'string' || typeof code === 'number') && { code: redactText(String(code), 64) }),
    ...(typeof status === 'number' && { status }),
    ...(isPlain && { internal: redactValue(internal, depth) }),
    stack: framesOf(error, depth === 0 ? 10 : 4),
    ...(error.cause instanceof Error && depth < MAX_CAUSES && { cause: describeError(error.cause, depth + 1) }),
    ...(error instanceof AggregateError && {
      errors: error.errors
        .filter((inner) => inner instanceof Error)
        .slice(0, MAX_CAUSES)
        .map((inner) => redactText(inner.message)),
    }),
  }
}

const ROOT = new URL('../../', import.meta.url).href

/** The frames only: the first lines of a stack repeat the message. */
const framesOf = (error: Error, count: number): string =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, count)
    .map((line) => line.trim().replace(ROOT, ''))
    .join('\n')
    .slice(0, MAX_STACK)
