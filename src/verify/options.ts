// What a proxy's configuration adds to its question: `?groups=lab,staff` and `?redirect=no`. A proxy asks with the same
// few queries all the time, so each is read and compiled once.

import type { Access, CompiledPolicy } from '#access'
import { verifyErrors } from './errors.ts'

export interface QuestionOptions {
  /** Lets in whoever is in one of the groups that the proxy names; undefined if it names none. */
  readonly groups: CompiledPolicy | undefined
  /** Whether the proxy passes a redirect on to the person. */
  readonly redirects: boolean
}

export const NO_OPTIONS: QuestionOptions = Object.freeze({ groups: undefined, redirects: true })

/** Far more than the places of a proxy's configuration that ask. */
const MAX_KNOWN = 500

/** @returns a reader of queries (`?…`, or empty). It throws verify.unknownQuestion. */
export function createOptionReader(access: Pick<Access, 'compilePolicy'>): (query: string) => QuestionOptions {
  const known = new Map<string, QuestionOptions>()
  return (query) => {
    if (query === '') return NO_OPTIONS
    const options = known.get(query) ?? readOptions(query, access)
    if (known.size < MAX_KNOWN) known.set(query, options)
    return options
  }
}

function readOptions(query: string, access: Pick<Access, 'compilePolicy'>): QuestionOptions {
  const said = new Map<string, string>()
  for (const field of query.slice(1).split('&')) {
    const equals = field.indexOf('=')
    const name = equals === -1 ? field : field.slice(0, equals)
    if (!KNOWN.has(name)) throw unknown(`"${name.slice(0, 50)}" is nothing that a proxy can ask for.`)
    if (said.has(name)) throw unknown(`"${name}" is there twice.`)
    said.set(name, equals === -1 ? '' : field.slice(equals + 1))
  }
  return Object.freeze({
    groups: compileGroups(said.get('groups'), access),
    redirects: readRedirect(said.get('redirect')),
  })
}

/**
 * Refuses a question that holds a part of the query of what it asks about: then the proxy has passed that on, and a client
 * could add options of its own.
 *
 * @throws verify.unknownQuestion
 */
export function refuseForeignOptions(query: string, originalQuery: string): void {
  if (query.length < 2 || originalQuery.length < 2) return
  const own = new Set(query.slice(1).split('&'))
  if (
    originalQuery
      .slice(1)
      .split('&')
      .some((field) => own.has(field))
  )
    throw unknown('The query of the request itself is in it. With Caddy, end the address that it asks with a "?".')
}

const KNOWN: ReadonlySet<string> = new Set(['groups', 'redirect'])

function readRedirect(value: string | undefined): boolean {
  if (value === undefined) return true
  if (value !== 'no') throw unknown('"redirect" can only be "no".')
  return false
}

function compileGroups(value: string | undefined, access: Pick<Access, 'compilePolicy'>): CompiledPolicy | undefined {
  if (value === undefined) return undefined
  const groups = value.split(',').map(decode)
  if (groups.includes('')) throw unknown('"groups" names a group without a name.')
  return access.compilePolicy('what the proxy asks for', [{ allow: groups.map((group) => `group:${group}`) }])
}

/** Split first: a comma in a group's name is written `%2C`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw unknown('"groups" holds a "%" without two hex digits.')
  }
}

const unknown = (reason: string) => verifyErrors.unknownQuestion({ reason })
