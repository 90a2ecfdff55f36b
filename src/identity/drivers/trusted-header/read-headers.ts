// Reads headers by which somebody is told who a person is. A name counts once and in one spelling; whoever sends it twice,
// or in a spelling that a server behind could take for the same name, is not believed at all.

import { canonicalName } from '#http'

/** Why nothing of the headers is believed; a word for the log. */
export class HeaderFault extends Error {
  override readonly name = 'HeaderFault'
}

/** @returns the text of a header by the name that it was configured with; undefined if it says nothing. @throws HeaderFault */
export type ReadHeader = (name: string) => string | undefined

/**
 * @param names that may be asked for
 * @returns a way to read them out of one request, which has no fault among them; it throws a HeaderFault otherwise
 */
export function createHeaderReader(names: readonly string[]): (rawHeaders: readonly string[]) => ReadHeader {
  const spellings = new Map(names.map((name) => [canonicalName(name), name.toLowerCase()]))
  return (rawHeaders) => {
    const found = new Map<string, string>()
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = (rawHeaders[index] ?? '').toLowerCase()
      const spelling = spellings.get(canonicalName(name))
      if (spelling === undefined) continue
      if (spelling !== name) throw new HeaderFault('a header came in another spelling')
      if (found.has(name)) throw new HeaderFault('a header came twice')
      found.set(name, decode(rawHeaders[index + 1] ?? ''))
    }
    return (name) => {
      const text = found.get(name.toLowerCase())
      return text === undefined || text === '' || text === UNSET ? undefined : text
    }
  }
}

/** What Apache writes where a variable has no value. */
const UNSET = '(null)'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Node takes each byte for a character of Latin-1; servers in front send the bytes of UTF-8. */
function decode(value: string): string {
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    throw new HeaderFault('a header is no UTF-8')
  }
}

/** The parts of a list; a separator behind a backslash belongs to its part, as Shibboleth writes it. */
export const splitList = (text: string, separator: string): readonly string[] => {
  const parts = text.matchAll(
    new RegExp(`(?:\\\\${RegExp.escape(separator)}|(?!${RegExp.escape(separator)})[^])+`, 'g'),
  )
  return [...parts].map(([part]) => part.replaceAll(`\\${separator}`, separator).trim()).filter((part) => part !== '')
}
