// Where a person lands after login and logout. One rule for every way in: a path of ours, spelled so
// plainly that no browser, proxy or second decoding can make another site of it. What breaks the rule becomes `/`.

/** Where people land who came without a usable address. */
export const HOME = '/'

/** Longer ones do not fit into the cookie that remembers them. */
const MAX_LENGTH = 1024

/**
 * @param value what the request says, before and after percent-decoding alike untrusted
 * @returns the value itself if it is a path of ours (below the base path), else `/`
 */
export const toReturnTo = (value: string | undefined): string =>
  value !== undefined && isOwnPath(value) ? value : HOME

/** Printable ASCII without backslash, quotes, brackets and the like: nothing that a URL parser would change. */
const PLAIN = /^\/[A-Za-z0-9\-._~%!$&'()*+,;=:@/?]*$/

/** A backslash, an escape of an escape, a control or a line end. */
const TWO_FACED = /[\\%\p{Cc}\u2028\u2029]/u

function isOwnPath(value: string): boolean {
  if (value.length > MAX_LENGTH || !PLAIN.test(value) || /%(?![0-9A-Fa-f]{2})/.test(value)) return false
  const path = value.split('?', 1)[0] ?? ''
  // Somebody may decode it once more: then, too, it must be one of ours.
  const decoded = decode(path)
  if (decoded === undefined || TWO_FACED.test(decoded) || !isPlainPath(path) || !isPlainPath(decoded)) return false
  // Of our own pages about logging in, only these are places to come back to: the connected accounts, and the ways to
  // a host of its own and to what a proxy in front serves beside us, which check where they lead.
  return !/^\/auth(?:\/(?!(?:connect|host|return)$)|$)/.test(decoded)
}

const isPlainPath = (path: string): boolean =>
  !path.includes('//') && !path.split('/').some((segment) => segment === '.' || segment === '..')

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
