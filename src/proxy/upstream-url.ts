// Where an endpoint of an upstream is, and the two mappings between its addresses and ours: a request's target on the
// way in, a redirect's Location on the way out. Parsed once, when the configuration is read; the suffix is never decoded.

import type { LookupFunction } from 'node:net'

export interface UpstreamUrl {
  /** `http://manager:8081`; of a unix socket `http://localhost`. */
  readonly origin: string
  /** The Host header, on the wire and in signatures: with the port unless it is the scheme's own. */
  readonly host: string
  readonly hostname: string
  readonly port: number
  readonly isTls: boolean
  /** Instead of host and port. */
  readonly socketPath: string | undefined
  /** Starts and ends with `/`. */
  readonly basePath: string
  /** What it is called in logs and metrics: `manager:8081`, `unix:/run/manager.sock`. */
  readonly label: string
  /** How its name is resolved, where not as any other. */
  readonly lookup?: LookupFunction
}

/** `unix:/run/manager.sock`, or with a path behind another colon: `unix:/run/manager.sock:/v1`. */
const UNIX = /^unix:(\/[^:]+)(?::(\/.*))?$/

/** @param to `http(s)://host[:port][/base]` or `unix:/socket[:/base]`, already checked by the configuration's schema. */
export function parseUpstreamUrl(to: string): UpstreamUrl {
  const [, socketPath, socketBase = '/'] = UNIX.exec(to) ?? []
  // A socket has no name; servers behind one expect this (as from nginx and curl).
  const url = new URL(socketPath === undefined ? to : `http://localhost${socketBase}`)
  const isTls = url.protocol === 'https:'
  return Object.freeze({
    origin: url.origin,
    host: url.host,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    socketPath,
    basePath: url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`,
    label: socketPath === undefined ? url.host : `unix:${socketPath}`,
  })
}

/** Why a text that starts with `unix:` is no address; undefined if it is one. */
export function whyNotUnixAddress(to: string): string | undefined {
  const [, path = '', base = ''] = UNIX.exec(to) ?? []
  if (path === '')
    return 'a socket is written as unix:/run/service.sock, with a path behind it as unix:/run/service.sock:/v1'
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES)
    return `the path of a socket has at most ${MAX_SOCKET_PATH_BYTES} bytes`
  return /[\s\\?#\0]/.test(path + base) ? 'a socket here has no spaces, backslashes, query or fragment' : undefined
}

/** `sun_path` of Linux, less the NUL at its end (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107

/**
 * Maps a Location that means the upstream itself, at any of its endpoints, back to where we show it; anything else stays
 * as it is.
 *
 * @param endpoints all have the same base path
 * @param publicPrefix the base path and the mount's prefix: `/x/api/manager/`
 * @example toPublicLocation([parseUpstreamUrl('http://m:80/v1')], '/api/m/', 'http://m/v1/jobs?x#y') // '/api/m/jobs?x#y'
 */
export function toPublicLocation(endpoints: readonly UpstreamUrl[], publicPrefix: string, location: string): string {
  for (const endpoint of endpoints) {
    const path = pathAt(endpoint, location)
    const suffix = path === undefined ? undefined : suffixOf(endpoint.basePath, path)
    if (suffix !== undefined) return unlessAmbiguous(publicPrefix + suffix) ?? location
  }
  return location
}

/** Below `/` a suffix such as `/evil.test/` would become a host; browsers skip tabs and read `\` as `/`. */
const unlessAmbiguous = (mapped: string): string | undefined =>
  /^\/[/\\]|[^\x21-\u{10ffff}]/u.test(mapped) ? undefined : mapped

const suffixOf = (basePath: string, path: string): string | undefined => {
  if (path.startsWith(basePath)) return path.slice(basePath.length)
  const rest = path.slice(basePath.length - 1)
  return path.startsWith(basePath.slice(0, -1)) && /^(?:$|[?#])/.test(rest) ? rest : undefined
}

/** Path, query and fragment if the reference (RFC 3986 §4.1) is absolute-path or of the endpoint's own origin. */
function pathAt(endpoint: UpstreamUrl, location: string): string | undefined {
  const absolute = /^(?:(https?):)?\/\/([^/?#\\]*)(.*)$/is.exec(location)
  if (absolute === null) return location.startsWith('/') && !location.startsWith('/\\') ? location : undefined
  const [, scheme = endpoint.isTls ? 'https' : 'http', authority = '', rest = ''] = absolute
  const origin = authority.includes('@') ? undefined : URL.parse(`${scheme}://${authority}/`)?.origin
  if (origin !== endpoint.origin) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}
