// Distinguished names in their text form (RFC 4514), as far as they are compared and taken apart here.

/** One attribute and its value. */
export interface Rdn {
  /** In lower case. */
  readonly type: string
  /** Unescaped. */
  readonly value: string
}

/** @returns from the entry up to the root, or undefined for what is no such name or has a part of several attributes */
export function parseDn(text: string): readonly Rdn[] | undefined {
  // A comma behind a backslash belongs to a value.
  const parts = text.match(/(?:[^\\,]|\\.)+/gs) ?? []
  const rdns = parts.map(parseRdn)
  return text !== '' && parts.join(',') === text && rdns.every((rdn) => rdn !== undefined) ? rdns : undefined
}

/** The name of an entry directly below `base`: the value of its first part, which is of that type. */
export function nameBelow(base: readonly Rdn[], type: string, dn: string): string | undefined {
  const [first, ...rest] = parseDn(dn) ?? []
  const isBelow = rest.length === base.length && rest.every((rdn, at) => isSame(rdn, base[at]))
  return first?.type === type && isBelow ? first.value : undefined
}

const isSame = (a: Rdn, b: Rdn | undefined): boolean => a.type === b?.type && folded(a.value) === folded(b.value)

/** Directories compare such values without regard to case and to how many spaces there are. */
const folded = (value: string): string => value.toLowerCase().replace(/ +/g, ' ').trim()

const ESCAPE = /\\(?:[0-9A-Fa-f]{2}|.)/gs

function parseRdn(text: string): Rdn | undefined {
  const [, type, padded = ''] = /^ *([A-Za-z][A-Za-z0-9-]*) *= *(.*)$/s.exec(text) ?? []
  const written = padded.replace(/(?<!\\) +$/, '')
  if (type === undefined || written.startsWith('#') || /[+;<>"\\\0]/.test(written.replace(ESCAPE, ''))) return undefined
  const value = toText(written)
  return value === undefined || value === '' ? undefined : { type: type.toLowerCase(), value }
}

/** @returns undefined if the bytes are no UTF-8 */
function toText(written: string): string | undefined {
  const bytes = [...written.matchAll(/(\\[0-9A-Fa-f]{2})|\\?(.)/gsu)].map(([, hex, character = '']) =>
    hex === undefined ? Buffer.from(character) : Buffer.from(hex.slice(1), 'hex'),
  )
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes))
  } catch {
    return undefined
  }
}
