// The Manager and its neighbours, of `backendAi`: where they are, how it is found out whether they are well.

import { formatDuration } from '#config'
import { readEndpoints } from './endpoints.ts'
import type { Original, Path } from './original.ts'
import type { Profile } from './profile.ts'
import { group, type Setting, setting } from './setting.ts'
import { readLine } from './text-values.ts'

export function readManager(original: Original, profile: Profile): readonly Setting[] {
  if (!original.has('api.endpoint')) {
    original.refuse(
      'api.endpoint',
      'it is not said where the Manager is',
      'write endpoint = "http://manager:8081" below [api]',
    )
  }
  const to = readEndpoints(original, 'api.endpoint')
  if (to !== undefined && to.length > 1 && profile === '26.2') {
    original.warn(
      'api.endpoint',
      `the original sent everything but WebSockets to the first of ${to.length}; here all of them are used`,
    )
  }
  return group('manager', [
    ...setting('to', to),
    ...setting('domain', readDomain(original)),
    ...readBalance(original, 'api'),
    ...readHealthCheck(original, 'api', profile, '/health/readyz'),
    ...readVerification(original, to),
  ])
}

/** It is sent as a header; one of spaces alone is none. */
function readDomain(original: Original): string | undefined {
  const domain = readLine(original, 'api.domain')?.trim()
  return domain === undefined || /^[\x20-\x7e]+$/.test(domain)
    ? domain
    : original.refuse('api.domain', 'it cannot be sent as a header', 'write a name of visible ASCII characters')
}

export function readRouter(original: Original, profile: Profile): readonly Setting[] {
  const isOn = original.flag('apollo_router.enabled') === true
  const path = original.has('apollo_router.endpoints') ? 'apollo_router.endpoints' : 'apollo_router.endpoint'
  if (!isOn) return []
  if (!original.has(path)) {
    original.refuse(
      'apollo_router.enabled',
      'it is not said where the router is',
      'write endpoint = "http://router:4000" below it',
    )
  }
  return group('graphqlRouter', [
    ...setting('to', readEndpoints(original, path)),
    ...readBalance(original, 'apollo_router'),
    ...readHealthCheck(original, 'apollo_router', profile, '/readiness'),
  ])
}

export interface Pipeline {
  readonly settings: readonly Setting[]
  readonly frontendUrl: string | undefined
}

/** The original always has one, at a port of its own machine by default. */
export function readPipeline(original: Original): Pipeline {
  if (!original.has('pipeline')) return { settings: [], frontendUrl: undefined }
  const [to = 'http://127.0.0.1:9500'] = original.has('pipeline.endpoint')
    ? (readEndpoints(original, 'pipeline.endpoint') ?? [])
    : []
  const frontends = original.has('pipeline.frontend_endpoint')
    ? readEndpoints(original, 'pipeline.frontend_endpoint')
    : undefined
  const frontendUrl = frontends?.[0]
  return {
    settings: group('pipeline', [...setting('to', to), ...setting('frontendUrl', frontendUrl)]),
    frontendUrl: frontendUrl ?? to,
  }
}

/** From 26.4 on. */
function readBalance(original: Original, section: Path): readonly Setting[] {
  const policies = ['round_robin', 'random', 'least_connections'] as const
  return setting('balance', original.choice(`${section}.endpoint_selection_policy`, policies)?.replace('_', '-'))
}

/** From 26.4 on, and then on by default. */
function readHealthCheck(original: Original, section: Path, profile: Profile, usualPath: string): readonly Setting[] {
  const path = readProbePath(original, `${section}.health_check_probe_path`)
  const seconds = (name: string) => toDuration(original.number(`${section}.${name}`, { min: 0.1, max: 86_400 }))
  const settings = [
    ...setting('path', path ?? usualPath),
    ...setting('interval', seconds('health_check_interval')),
    ...setting('timeout', seconds('health_check_probe_timeout')),
    ...setting('failures', original.integer(`${section}.health_check_failure_threshold`, { min: 1, max: 1_000_000 })),
  ]
  return profile === '26.2' && path === undefined && settings.length === 1 ? [] : group('healthCheck', settings)
}

function readProbePath(original: Original, path: Path): string | undefined {
  const written = original.text(path)
  if (written === undefined || /^\/[\x21-\x22\x24-\x7e]*$/.test(written)) return written
  return original.refuse(path, 'it is no path', 'write it like "/health/readyz"')
}

const toDuration = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : formatDuration(Math.round(seconds * 1000))

function readVerification(original: Original, to: readonly string[] | undefined): readonly Setting[] {
  if (to?.some((url) => url.startsWith('https:')) !== true || original.flag('api.ssl_verify') !== false) return []
  original.warn('api.ssl_verify', 'whoever answers at the address of the Manager is believed, and gets passwords')
  return group(
    'tls',
    setting('dangerouslyAcceptAnyCertificate', true, 'As the original does. Name the authority with `ca` instead.'),
  )
}
