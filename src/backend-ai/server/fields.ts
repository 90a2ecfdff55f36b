// The JSON bodies of /server/: an object of fields, read without trusting a name or a value in it.

import { MAX_JSON_DEPTH, nestsDeeperThan } from '#http'
import { toPrintable } from '#identity'
import type { GatewayError } from '#kernel'
import { webserverErrors } from './errors.ts'

/** Fields by name, in the order of the body; of a repeated one the last. */
export type Fields = ReadonlyMap<string, unknown>

/**
 * @returns no fields for what is no JSON object: then the first required one is missing (§1.2)
 * @throws webserver.invalidParameters for what would cost too much to read, or is meant to mislead whoever reads it
 */
export function parseFields(body: Buffer): Fields {
  const text = decode(body)
  if (text === undefined) return NONE
  if (nestsDeeperThan(text, MAX_JSON_DEPTH)) {
    throw webserverErrors.invalidParameters({ reason: `The body is nested deeper than ${MAX_JSON_DEPTH} levels.` })
  }
  const parsed = parseJson(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return NONE
  return new Map(Object.entries(parsed))
}

const NONE: Fields = new Map()

/** A password with other characters in place of unreadable ones would be another one. */
function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, refusePrototypes)
  } catch (error) {
    if (error === MISLEADING) {
      throw webserverErrors.invalidParameters({ reason: 'The body holds a field that no program should read.' })
    }
    return undefined
  }
}

function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw MISLEADING
  return value
}

const MISLEADING = new Error('a field is called __proto__')

/** @throws what is given if the field is absent, empty or not text */
export function requireText(fields: Fields, name: string, missing: () => GatewayError): string {
  const value = fields.get(name)
  if (typeof value !== 'string' || value === '') throw missing()
  return value
}

/** As the Manager's column for it. */
const MAX_USERNAME_LENGTH = 255

/**
 * The name of whoever logs in. Managers know people by e-mail addresses, but plugins of theirs may know other names: what
 * has an @ must look like an address, what has none is a name.
 *
 * @throws webserver.usernameMissing, webserver.usernameUnusable
 */
export function requireUsername(fields: Fields): string {
  const username = requireText(fields, 'username', () => webserverErrors.usernameMissing({})).trim()
  if (username === '') throw webserverErrors.usernameMissing({})
  const reason = whyNoName(username)
  if (reason !== undefined) throw webserverErrors.usernameUnusable({ reason })
  return username
}

/** Why nobody is called so; undefined if somebody may be. */
function whyNoName(text: string): string | undefined {
  if (text.length > MAX_USERNAME_LENGTH) return `It has more than ${MAX_USERNAME_LENGTH} characters.`
  // What we would have to alter before showing it is nobody's name.
  if (toPrintable(text, MAX_USERNAME_LENGTH) !== text) return 'It holds characters that cannot be seen.'
  return text.includes('@') && !ADDRESS.test(text) ? 'It has an @, but is not an e-mail address.' : undefined
}

/** Whether mail can be sent there, as far as its form says. */
export const isEmailAddress = (value: unknown): boolean =>
  typeof value === 'string' && value.includes('@') && whyNoName(value) === undefined

/** Something, the last @, and a host, which may be a single word. Mailboxes may be quoted, and then hold nearly anything. */
const ADDRESS = /^(?:"[^"]+"|[^\s"@]+)@[^\s"@.]+(?:\.[^\s"@.]+)*$/u
