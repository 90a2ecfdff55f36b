// Reads an entry that a directory found: attributes by whatever case it writes their names in, one value where one is
// meant, and the identifier that stays.

import type { Entry } from 'ldapts'
import { toPrintable } from '../../printable.ts'
import type { SUBJECT_ATTRIBUTES } from './config.ts'

type SubjectAttribute = (typeof SUBJECT_ATTRIBUTES)[number]

/** All values as text; what is no text is left out. */
export function textsOf(entry: Entry, attribute: string): readonly string[] {
  return valuesOf(entry, attribute).filter((value) => typeof value === 'string')
}

/** The first value that can be shown. */
export function textOf(entry: Entry, attribute: string, maxLength = 255): string | undefined {
  return textsOf(entry, attribute)
    .map((value) => toPrintable(value, maxLength))
    .find((value) => value !== '')
}

/** The one value that tells the entry apart; undefined if there is none, several, or one that cannot be it. */
export function subjectOf(entry: Entry, attribute: SubjectAttribute): string | undefined {
  const [value, ...more] = valuesOf(entry, attribute)
  if (value === undefined || more.length > 0) return undefined
  if (attribute === 'objectGUID') return Buffer.isBuffer(value) && value.length === 16 ? toGuid(value) : undefined
  return typeof value === 'string' && /^[0-9A-Fa-f-]{32,36}$/.test(value) ? value.toLowerCase() : undefined
}

function valuesOf(entry: Entry, attribute: string): readonly (string | Buffer)[] {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase() && key !== 'dn')
  const values = name === undefined ? [] : entry[name]
  return [values ?? []].flat()
}

/** As Active Directory writes them: the first three parts are little-endian. */
function toGuid(bytes: Buffer): string {
  const part = (...at: readonly number[]): string => Buffer.from(at.map((index) => bytes[index] ?? 0)).toString('hex')
  return [part(3, 2, 1, 0), part(5, 4), part(7, 6), part(8, 9), part(10, 11, 12, 13, 14, 15)].join('-')
}
