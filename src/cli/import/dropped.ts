// What of the original's file is not taken over, each key by its name and with the reason; and what never had an effect,
// because it stands where the original does not look.

import { suggest } from '#config'
import type { Leaf, Original, Path } from './original.ts'

export interface Remark extends Pick<Leaf, 'written' | 'at'> {
  readonly about: string
}

export interface Rest {
  /** What was meant to have an effect, and had none. */
  readonly warnings: readonly Remark[]
  readonly dropped: readonly Remark[]
}

export function sortRest(original: Original): Rest {
  const sorted = original.rest().map((leaf) => {
    const meant = misplaced(leaf.path, original.asked)
    return meant === undefined
      ? { isMisplaced: false, ...leaf, about: reasonFor(leaf.path, original.asked) }
      : { isMisplaced: true, ...leaf, about: describeMisplaced(leaf.path, meant) }
  })
  return {
    warnings: sorted.filter(({ isMisplaced }) => isMisplaced),
    dropped: sorted.filter(({ isMisplaced }) => !isMisplaced),
  }
}

/** The table above, or one above that, has a key of this name. */
function misplaced(path: Path, asked: ReadonlySet<Path>): Path | undefined {
  // Tables like [session.redis], for other uses.
  if (path.startsWith('session.redis.override_configs.')) return undefined
  const names = path.split('.')
  const name = names.at(-1) ?? ''
  const isKnown = (candidate: Path) =>
    asked.has(candidate) || REASONS.some(([path]) => path === candidate && !path.endsWith('.'))
  const above = names.slice(0, -2).map((_, index) => [...names.slice(0, index + 1), name].join('.'))
  return above.findLast(isKnown)
}

const describeMisplaced = (path: Path, meant: Path): string =>
  `it stands below [${tableOf(path)}] and belongs below [${tableOf(meant)}]: it had no effect, and has none here; if it was meant, move it there and import again`

const tableOf = (path: Path): string => path.split('.').slice(0, -1).join('.')

/** By the beginning of the path; the first that matches. */
const REASONS: readonly (readonly [beginning: string, reason: string])[] = [
  ['session.redis.db', 'the original ignores it and uses database 0, and so does what is written'],
  ['session.redis.override_configs.', 'the original uses what stands there for `statistics` only'],
  ['session.redis.addr', 'override_configs.statistics stands in its place'],
  ['session.redis.sentinel', 'override_configs.statistics stands in its place'],
  ['session.redis.password', 'override_configs.statistics stands in its place'],
  ['session.redis.use_tls', 'override_configs.statistics stands in its place'],
  ['session.redis.service_name', 'it is for Sentinels, and none is asked'],
  ['session.redis.tls_skip_verify', 'use_tls is not on'],
  ['session.redis.', 'the limits towards Redis are fixed here'],
  ['session.flush_on_startup', 'a start never empties a store here: `gatehouse session revoke` ends logins'],
  [
    'api.connection_limit',
    'the original counts it for each keypair by itself; here backendAi.manager.connections holds for all together',
  ],
  ['api.ssl_verify', 'no Manager is reached over https'],
  ['api.health_check_recovery_timeout', 'an endpoint that answers well is used again at once'],
  ['apollo_router.health_check_recovery_timeout', 'an endpoint that answers well is used again at once'],
  ['apollo_router.', 'the router is not switched on'],
  ['security.cookie_secure', 'the cookie is Secure wherever server.url is https'],
  ['service.enable_2FA', 'the original tells nobody: the Manager decides'],
  ['service.ssl_', 'https is not switched on'],
  ['license.', 'the original does nothing with it'],
  ['webserver.', 'it is about how Python runs'],
  ['etcd.', 'the original never asks etcd; here it can hold settings and endpoints, see docs/operate/etcd.md'],
  ['otel.', 'logs go to standard output, from where a collector takes them'],
  ['pyroscope.', 'it is about how Python runs'],
  ['service_discovery.', 'the original does nothing with it'],
  ['logging.', 'logs go to standard output, one JSON object a line, and are kept by what runs the service'],
  ['debug.', 'the original does nothing with it'],
]

function reasonFor(path: Path, asked: ReadonlySet<Path>): string {
  const known = REASONS.find(([beginning]) => path === beginning || `${path}.`.startsWith(beginning))
  if (known !== undefined) return known[1]
  const meant = suggest(path, [...asked])
  return `the original has no such key and ignores it${meant === undefined ? '' : `; was ${meant} meant?`}`
}
