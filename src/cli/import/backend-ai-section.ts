// `backendAi` of what is written: everything that is the protocol's own.

import { resolve } from 'node:path'
import { formatDuration } from '#config'
import { type Pipeline, readManager, readRouter } from './manager-section.ts'
import type { Original, Path } from './original.ts'
import type { Profile } from './profile.ts'
import type { Redis } from './redis.ts'
import { readSecurity } from './security-section.ts'
import { group, type Setting, setting } from './setting.ts'
import { readWebUiKeys } from './web-ui-keys.ts'

export interface BackendAiFacts {
  readonly profile: Profile
  readonly redis: Redis | undefined
  readonly pipeline: Pipeline
  readonly lifetimes: Lifetimes
  /** Of the original's file: its relative paths count from there. */
  readonly folder: string
}

export function readBackendAi(original: Original, facts: BackendAiFacts): readonly Setting[] {
  const { profile, pipeline, lifetimes, folder } = facts
  return group('backendAi', [
    ...setting('profile', profile, 'The release of the Manager and its Web UI: 26.2, 26.4 or 26.8.'),
    ...readManager(original, profile),
    ...readRouter(original, profile),
    ...setting('tokenLifetime', readTokenLifetime(original)),
    ...pipeline.settings,
    ...group('login', readLogin(original)),
    ...group('session', [...setting('maxAge', lifetimes.maxAge), ...setting('extension', lifetimes.extension)]),
    ...readShared(original, facts),
    ...group('webUi', readWebUi(original, folder)),
    ...readSecurity(original),
  ])
}

function readTokenLifetime(original: Original): string | undefined {
  const algorithm = original.text('jwt.algorithm')
  if (algorithm !== undefined && algorithm !== 'HS256') {
    original.warn('jwt.algorithm', 'tokens are signed with HS256, whatever stands here: the Manager takes nothing else')
  }
  const seconds = original.integer('jwt.token_expiration_seconds', { min: 60, max: 86_400 })
  return seconds === undefined ? undefined : formatDuration(seconds * 1000)
}

function readLogin(original: Original): readonly Setting[] {
  const name = original.text('api.auth_token_name') || undefined
  if (name !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    original.refuse('api.auth_token_name', 'it cannot be the name of a cookie', 'write letters, digits, _ and -')
  }
  return [
    ...setting('tokenName', name),
    ...setting(
      'signup',
      original.flag('service.enable_signup'),
      'The original lets people sign up even if this is false.',
    ),
  ]
}

export interface Lifetimes {
  readonly maxAge: string
  readonly extension: string | undefined
  /** For `sessions.absolute`. */
  readonly absolute: string
}

const DAY_SECONDS = 86_400
const DEFAULT_SECONDS = 7 * DAY_SECONDS
/** No session lasts longer. */
const MOST_SECONDS = 90 * DAY_SECONDS

export function readLifetimes(original: Original): Lifetimes {
  const maxAge = readSeconds(original, 'session.max_age') ?? DEFAULT_SECONDS
  const extension = readSeconds(original, 'session.login_session_extension_sec')
  if (extension !== undefined && extension < maxAge) {
    const path = 'session.login_session_extension_sec'
    original.warn(path, 'it is less than max_age: in the original, who extends a login early shortens it; here never')
  }
  const isExtended = original.flag('service.enable_extend_login_session') === true
  return {
    maxAge: formatDuration(maxAge * 1000),
    extension: extension === undefined ? undefined : formatDuration(extension * 1000),
    absolute: formatDuration((isExtended ? MOST_SECONDS : Math.max(maxAge, extension ?? 0)) * 1000),
  }
}

function readSeconds(original: Original, path: Path): number | undefined {
  const seconds = original.integer(path, { min: 60, max: Number.MAX_SAFE_INTEGER })
  if (seconds === undefined || seconds <= MOST_SECONDS) return seconds
  original.warn(path, 'a login here lasts 90 days at most')
  return MOST_SECONDS
}

function readShared(original: Original, { profile, redis }: BackendAiFacts): readonly Setting[] {
  if (profile === '26.2') return []
  if (redis === undefined) {
    const fix = 'write addr = "redis:6379" below [session.redis], or import with --profile 26.2'
    original.refuse('session.redis', `Managers of ${profile} keep the records of logins in a Redis that both know`, fix)
    return []
  }
  return group(
    'sharedRedis',
    [...setting('type', 'redis'), ...redis.settings],
    'Where the Manager keeps the records of logins.',
  )
}

function readWebUi(original: Original, folder: string): readonly Setting[] {
  const directory = original.text('service.static_path') || undefined
  if (directory === undefined) {
    original.warn(
      'service.static_path',
      'the original serves the files that its Python package brings (ai/backend/web/static): copy them, and name their directory in backendAi.webUi.directory',
    )
  }
  return [
    ...setting('directory', directory === undefined ? 'webui' : resolve(folder, directory)),
    ...setting('mode', original.choice('service.mode', ['webui', 'static'])),
    ...setting('endpointProtocol', original.choice('service.force_endpoint_protocol', ['http', 'https'])),
    ...readWebUiKeys(original),
    ...group('wsproxy', setting('proxyURL', readProxyUrl(original))),
  ]
}

/** The installation guide of the original writes a table, with which it does not start. */
function readProxyUrl(original: Original): string | undefined {
  const inner = original.has('service.wsproxy.url.url')
  if (inner)
    original.warn('service.wsproxy.url', 'it is a table, with which the original does not start; its url is taken')
  const path = inner ? 'service.wsproxy.url.url' : 'service.wsproxy.url'
  const url = original.text(path) || undefined
  if (url === undefined || (/^https?:\/\/[^\s\\#@]+$/.test(url) && URL.canParse(url))) return url
  return original.refuse(path, 'it is no address', 'write an address that begins with http:// or https://')
}
