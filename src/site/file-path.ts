// From the raw path of a request to names on disk. The only place of this folder that decodes; whatever could mean
// another place than it says is refused.

/** Nothing of a site is called so, or the path could mean another place than it says. */
export type Unnamed = 'never' | 'ambiguous'

/**
 * The names from the root of the site down. What no file of a site may have: empty segments and hidden names (`never`);
 * an encoded slash or backslash, NUL, dot segments, names that are not UTF-8 (`ambiguous`).
 *
 * @param path raw, below the site's prefix, with a leading slash.
 * @param index of a folder: what a path means that ends with a slash
 */
export function toFileNames(path: string, index: string): readonly string[] | Unnamed {
  const segments = path.slice(1).split('/')
  if (segments.at(-1) === '') segments[segments.length - 1] = index
  const names = segments.map(decodeSegment)
  if (!names.every((name) => name !== undefined)) return 'ambiguous'
  return names.some((name) => name === '' || name.startsWith('.')) ? 'never' : names
}

function decodeSegment(segment: string): string | undefined {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    return undefined
  }
  return DOTS.test(name) || FORBIDDEN.test(name) ? undefined : name
}

/** Whatever else is in it: some take the rest for parameters. */
const DOTS = /^\.{1,2}(?:;|$)/

/** Separators of any system, and controls, NUL among them. */
const FORBIDDEN = /[/\\\p{Cc}]/u
