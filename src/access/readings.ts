// Other ways in which a server may read a path that is itself canonical: servers differ on `//`, on `;parameters`, on
// percent-encoded delimiters and on a trailing slash. Policies ask so that no earlier rule is slipped past in another
// spelling. What is forwarded stays as it came.

/** The readings that differ from the raw path; none for the plain paths that nearly all requests have. */
export function otherReadings(path: string): readonly string[] {
  if (!MAY_DIFFER.test(path)) return []
  const readings = new Set<string>()
  for (const spelled of /[;%]/.test(path) ? otherSpellings(path) : [path]) {
    for (const merged of [spelled, spelled.replace(/\/{2,}/g, '/')]) {
      readings.add(merged)
      readings.add(withoutTrailingSlashes(merged))
    }
  }
  readings.delete(path)
  return [...readings]
}

const MAY_DIFFER = /[;%]|\/\/|.\/$/

/** Servers drop parameters before they decode, or after, or never; and decode `%2F` with the rest, or leave it. */
const otherSpellings = (path: string): readonly string[] =>
  [withoutChange, decodeAllButSlash, decodeAll].flatMap((decode) => {
    const decoded = decode(path)
    return [decoded, dropParameters(decoded), decode(dropParameters(path))]
  })

/** Hex digits of an escape may be written in either case (RFC 3986 §6.2.2.1). */
const withoutChange = (path: string): string => path.replace(/%[0-9a-f]{2}/gi, (triplet) => triplet.toUpperCase())

/** Visible ASCII only: what lies beyond has one spelling, and a decoded `%` would start a second round. */
const decodeExcept =
  (kept: string) =>
  (path: string): string =>
    path.replace(/%[0-9a-f]{2}/gi, (triplet) => {
      const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
      return character > ' ' && character < '\x7f' && !kept.includes(character) ? character : triplet.toUpperCase()
    })

const decodeAllButSlash = decodeExcept('%/')
const decodeAll = decodeExcept('%')

/** By hand, because `/+$` on a long run of slashes takes time by its square. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (end > 1 && path.charAt(end - 1) === '/') end -= 1
  return path.slice(0, end)
}

const dropParameters = (path: string): string => path.replace(/;[^/]*/g, '')
