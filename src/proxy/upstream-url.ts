// Where an upstream is, and the two mappings between its addresses and ours: a request's target on the way in, a
// redirect's Location on the way out. Parsed once, when the configuration is read; the suffix is never decoded.

export interface UpstreamUrl {
  /** `http://manager:8081` */
  readonly origin: string
  /** The Host header, on the wire and in signatures: with the port unless it is the scheme's own. */
  readonly host: string
  readonly hostname: string
  readonly port: number
  readonly isTls: boolean
  /** Starts and ends with `/`. */
  readonly basePath: string
}

/** @param to `http(s)://host[:port][/base]`, already checked by the configuration's schema. */
export function parseUpstreamUrl(to: string): UpstreamUrl {
  const url = new URL(to)
  const isTls = url.protocol === 'https:'
  return Object.freeze({
    origin: url.origin,
    host: url.host,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    basePath: url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`,
  })
}

/**
 * Maps a Location that means the upstream itself back to where we show it; anything else stays as it is.
 *
 * @param publicPrefix the base path and the mount's prefix: `/x/api/manager/`
 * @example toPublicLocation(parseUpstreamUrl('http://m:80/v1'), '/api/m/', 'http://m/v1/jobs?x#y') // '/api/m/jobs?x#y'
 */
export function toPublicLocation(upstream: UpstreamUrl, publicPrefix: string, location: string): string {
  const path = pathAt(upstream, location)
  const suffix = path === undefined ? undefined : suffixOf(upstream.basePath, path)
  if (suffix === undefined) return location
  const mapped = publicPrefix + suffix
  // Below `/` a suffix such as `/evil.test/` would become a host; browsers skip tabs and read `\` as `/`.
  return /^\/[/\\]|[^\x21-\u{10ffff}]/u.test(mapped) ? location : mapped
}

const suffixOf = (basePath: string, path: string): string | undefined => {
  if (path.startsWith(basePath)) return path.slice(basePath.length)
  const rest = path.slice(basePath.length - 1)
  return path.startsWith(basePath.slice(0, -1)) && /^(?:$|[?#])/.test(rest) ? rest : undefined
}

/** Path, query and fragment if the reference (RFC 3986 §4.1) is absolute-path or of the upstream's own origin. */
function pathAt(upstream: UpstreamUrl, location: string): string | undefined {
  const absolute = /^(?:(https?):)?\/\/([^/?#\\]*)(.*)$/is.exec(location)
  if (absolute === null) return location.startsWith('/') && !location.startsWith('/\\') ? location : undefined
  const [, scheme = upstream.isTls ? 'https' : 'http', authority = '', rest = ''] = absolute
  const origin = authority.includes('@') ? undefined : URL.parse(`${scheme}://${authority}/`)?.origin
  if (origin !== upstream.origin) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}
