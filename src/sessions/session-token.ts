// What the session cookie says: base64url(id, 128 bits) "." base64url(secret, 256 bits). The stores know the id only as
// its hash, the `ref`, and the secret not at all: it takes part in the key that seals the credentials.
// A feature whose clients expect 32 hexadecimal digits gives a session a compact name instead: both halves come of it.

import { hash, randomBytes } from 'node:crypto'

export interface SessionToken {
  /** The cookie's value, or the compact name. Never in a log, an error or a store. */
  readonly value: string
  /** A SHA-256 in hex: names the session everywhere but in its cookie. */
  readonly ref: string
  readonly secret: string
}

export const createSessionToken = (): SessionToken =>
  tokenOf(randomBytes(16).toString('base64url'), randomBytes(32).toString('base64url'))

/** undefined for whatever is not exactly a value that `createSessionToken` could have made. */
export function parseSessionToken(value: string): SessionToken | undefined {
  if (!form.test(value)) return undefined
  return tokenOf(value.slice(0, idChars), value.slice(idChars + 1))
}

/** 128 random bits, as 32 lower-case hexadecimal digits. */
export const createCompactName = (): string => randomBytes(16).toString('hex')

export const isCompactName = (text: string): boolean => compactForm.test(text)

/** undefined for whatever is not exactly of the form; what is need not name any session. */
export const parseCompactName = (text: string): SessionToken | undefined =>
  isCompactName(text)
    ? Object.freeze({
        value: text,
        // The labels keep these hashes apart from each other, and from those of a cookie's id.
        ref: hash('sha256', `gatehouse compact session name ${text}`, 'hex'),
        secret: hash('sha256', `gatehouse compact session secret ${text}`, 'base64url'),
      })
    : undefined

const compactForm = /^[0-9a-f]{32}$/

const idChars = 22

// The last character of each half has spare bits, which must be 0: one session has one spelling.
const form = /^[A-Za-z0-9_-]{21}[AQgw]\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

const tokenOf = (id: string, secret: string): SessionToken =>
  Object.freeze({ value: `${id}.${secret}`, ref: hash('sha256', Buffer.from(id, 'base64url'), 'hex'), secret })
