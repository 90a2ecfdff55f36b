// From the raw path of a request to names on disk. The only place of this folder that decodes; whatever could mean
// another place than it says is refused.

/**
 * The names from the root of the site down, or undefined for a path that no file of a site may have: an encoded slash
 * or backslash, NUL, empty or dot segments, hidden files, names that are not UTF-8. A path that ends with a slash
 * means the index of that directory.
 *
 * @param path raw, below the site's prefix, with a leading slash.
 */
export function toFileNames(path: string): readonly string[] | undefined {
  const segments = path.slice(1).split('/')
  if (segments.at(-1) === '') segments[segments.length - 1] = 'index.html'
  const names = segments.map(decodeSegment)
  return names.every((name) => name !== undefined) ? names : undefined
}

function decodeSegment(segment: string): string | undefined {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    return undefined
  }
  return name === '' || name.startsWith('.') || FORBIDDEN.test(name) ? undefined : name
}

/** Separators of any system, and controls, NUL among them. */
const FORBIDDEN = /[/\\\p{Cc}]/u
