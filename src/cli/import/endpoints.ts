// Lists of addresses in the original's file: of the Manager, of the GraphQL router. What the original made of a slip in
// them is said; here it is right.

import type { Original, Path } from './original.ts'

/** Undefined where there is none, or one is wrong. */
export function readEndpoints(original: Original, path: Path): readonly string[] | undefined {
  const items = original.list(path)
  if (items === undefined) return undefined
  if (items.some((item) => item !== item.trim() && item.trim() !== '')) {
    original.warn(path, 'it has spaces around an address, which the original did not cut off: it did not find that one')
  }
  const texts = items.map((item) => item.trim()).filter((item) => item !== '')
  const parsed = texts.map((text) => toUrl(original, path, text))
  const urls = parsed.filter((url) => url !== undefined)
  if (urls.length < parsed.length) return undefined
  const [first] = urls
  if (first === undefined) {
    return original.refuse(path, 'it names no address', 'write an address such as "http://127.0.0.1:8091"')
  }
  if (urls.some(({ pathname }) => slashed(pathname) !== slashed(first.pathname))) {
    return original.refuse(
      path,
      'its addresses have different paths',
      'list addresses of one service, all with the same path',
    )
  }
  if (urls.some(({ pathname }) => !pathname.endsWith('/'))) {
    original.warn(
      path,
      'its path has no slash at the end, and the original lost what follows the last one; here it is kept whole',
    )
  }
  const kept = new Map(urls.map((url) => [url.host, url]))
  if (kept.size < urls.length) original.warn(path, 'it lists an address twice; it is written once')
  return [...kept.values()].map(({ origin, pathname }) => (pathname === '/' ? origin : `${origin}${slashed(pathname)}`))
}

const slashed = (pathname: string): string => (pathname.endsWith('/') ? pathname : `${pathname}/`)

/** What is written may hold a password: it is not repeated. */
function toUrl(original: Original, path: Path, text: string): URL | undefined {
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null
  if (url === null) {
    return original.refuse(
      path,
      'an address starts with http:// or https:// and names a host',
      'write it like "http://127.0.0.1:8091"',
    )
  }
  if (url.search !== '' || url.hash !== '' || text.includes('#')) {
    return original.refuse(path, 'an address here has no query and no fragment', 'leave out what begins with ? or #')
  }
  if (url.username !== '' || url.password !== '') {
    original.warn(
      path,
      'an address carries a user or a password, and the Manager refused what was signed for it; they are left out',
    )
  }
  if (/^(http:\/\/[^/]*:80|https:\/\/[^/]*:443)(\/|$)/i.test(text)) {
    original.warn(
      path,
      'an address names the usual port, and the Manager refused what was signed for it; here it does not',
    )
  }
  return url
}
