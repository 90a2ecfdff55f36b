// How the secrets look that people and programs carry: a prefix that says what it is (`gh_`, `ghs_`), 256 random bits, and
// a check group, so that scanners find them in texts and a typing error costs no look into the store.

import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Secret } from '#kernel'
import type { TokenKind } from './tokens.ts'

/** What is kept of a secret, and what is shown of it. */
export interface TokenForm {
  readonly kind: TokenKind
  /** SHA-256, hexadecimal. With 256 random bits nothing slower is needed: there is nothing to guess. */
  readonly hash: string
  /** The prefix and the first characters, for people to tell their tokens apart. */
  readonly hint: string
}

const PREFIXES: Readonly<Record<TokenKind, string>> = { 'api-token': 'gh_', 'service-account': 'ghs_' }
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_BYTES = 32
/** 62^43 is just above 2^256. */
const SECRET_LENGTH = 43
/** 62^6 is above 2^32. */
const CHECK_LENGTH = 6
const HINT_LENGTH = 4

const FORM = new RegExp(`^(ghs?_)([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECK_LENGTH}})$`)

export function createTokenSecret(kind: TokenKind): { readonly secret: Secret; readonly form: TokenForm } {
  const body = PREFIXES[kind] + toBase62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_LENGTH)
  const text = body + checkOf(body)
  return { secret: new Secret(text), form: toForm(kind, text) }
}

/** Whether it says of itself that it is one of ours. */
export const claimsToBeOurs = (text: string): boolean => /^ghs?_/.test(text)

/** Undefined if it cannot have been made here. */
export function parseTokenSecret(text: string): TokenForm | undefined {
  const [, prefix = '', secret = '', check] = FORM.exec(text) ?? []
  if (check === undefined || checkOf(prefix + secret) !== check) return undefined
  return toForm(prefix === PREFIXES['service-account'] ? 'service-account' : 'api-token', text)
}

/** Wherever it stands; the check group tells it from other programs' secrets with the same prefix. */
export const holdsTokenSecret = (text: string): boolean => {
  // Asked of every header of every request: searching for a text costs a thousandth of what a regular expression does.
  if (!text.includes('gh_') && !text.includes('ghs_')) return false
  for (const [found] of text.matchAll(ANYWHERE)) if (parseTokenSecret(found) !== undefined) return true
  return false
}

const ANYWHERE = new RegExp(`ghs?_[0-9A-Za-z]{${SECRET_LENGTH + CHECK_LENGTH}}`, 'g')

const toForm = (kind: TokenKind, text: string): TokenForm => ({
  kind,
  hash: createHash('sha256').update(text).digest('hex'),
  hint: text.slice(0, PREFIXES[kind].length + HINT_LENGTH),
})

const checkOf = (body: string): string => toBase62(BigInt(crc32(body)), CHECK_LENGTH)

function toBase62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest /= 62n) text = (ALPHABET[Number(rest % 62n)] ?? '') + text
  return text
}
