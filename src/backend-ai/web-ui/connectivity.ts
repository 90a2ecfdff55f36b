// How the webserver's neighbours are, in the shape that `/health` and `/livez` always had (§1.8). Anybody may ask, so
// nothing inside is named: endpoints are numbered, and what went wrong is in the log of whoever met it.

import { z } from 'zod'
import type { Clock } from '#kernel'
import type { KeyValueStore } from '#storage'

export interface EndpointGroup {
  /** `manager-endpoints`, `apollo-router-endpoints`. */
  readonly name: string
  readonly endpoints: readonly { readonly isHealthy: boolean }[]
}

export interface ConnectivityDeps {
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'get'>
  readonly version: string
  /** As they are now; none for profiles that do not tell of them. */
  readonly endpointGroups: () => readonly EndpointGroup[]
}

const checkSchema = z.object({
  service_group: z.string(),
  component_id: z.string(),
  is_healthy: z.boolean(),
  last_checked_at: z.string(),
  error_message: z.string().nullable(),
})

/** What leaves. */
export const connectivitySchema = z.object({
  status: z.enum(['ok', 'degraded', 'error']),
  version: z.string(),
  component: z.literal('webserver'),
  connectivity: z.object({
    overall_healthy: z.boolean(),
    connectivity_checks: z.array(checkSchema),
    timestamp: z.string(),
  }),
})

type Check = Readonly<z.output<typeof checkSchema>>

export interface Connectivity {
  /** Everything: `/health`. */
  all(): Promise<ConnectivityReport>
  /** What the process cannot work without: `/livez`. */
  ownStore(): Promise<ConnectivityReport>
}

export interface ConnectivityReport {
  readonly isHealthy: boolean
  /** The body, but for its `status`. */
  readonly body: Omit<z.output<typeof connectivitySchema>, 'status'>
}

export function createConnectivity({ clock, keyValue, version, endpointGroups }: ConnectivityDeps): Connectivity {
  const now = (): string => new Date(clock.now()).toISOString()
  let latest: { readonly check: Promise<Check>; readonly atMs: number } | undefined

  const ask = async (): Promise<Check> => {
    // The name is the webserver's; it is whatever store the sessions are in.
    const check = { service_group: 'redis', component_id: 'session' }
    try {
      await keyValue.get('backend-ai:health')
      return { ...check, is_healthy: true, last_checked_at: now(), error_message: null }
    } catch {
      return { ...check, is_healthy: false, last_checked_at: now(), error_message: 'the store does not answer' }
    }
  }

  const store = (): Promise<Check> => {
    const nowMs = clock.monotonicMs()
    if (latest === undefined || nowMs - latest.atMs >= ASK_AGAIN_MS) latest = { check: ask(), atMs: nowMs }
    return latest.check
  }

  const endpoints = (): readonly Check[] =>
    endpointGroups().flatMap((group) =>
      group.endpoints.map(({ isHealthy }, index) => ({
        service_group: group.name,
        component_id: `endpoint-${index + 1}`,
        is_healthy: isHealthy,
        last_checked_at: now(),
        error_message: isHealthy ? null : 'the endpoint is left out after failures',
      })),
    )

  const report = (checks: readonly Check[]): ConnectivityReport => {
    const isHealthy = checks.every(({ is_healthy }) => is_healthy)
    const connectivity = { overall_healthy: isHealthy, connectivity_checks: [...checks], timestamp: now() }
    return { isHealthy, body: { version, component: 'webserver', connectivity } }
  }

  return Object.freeze({
    all: async () => report([await store(), ...endpoints()]),
    ownStore: async () => report([await store()]),
  })
}

/** However many ask. */
const ASK_AGAIN_MS = 1000
