// One GitLab server as the rest of this feature sees it.

import type { ProviderSummary } from '#identity'
import type { HubConfig, HubsConfig } from './config.ts'

export interface Hub {
  readonly id: string
  /** The entry of `identity` whose access tokens its API takes. */
  readonly provider: string
  readonly label: string
  /** Where people open it, and how its own links begin. Without a slash at the end. */
  readonly url: string
  /** Everything of it here: `/hubs/freiburg/`. */
  readonly prefix: string
}

/** What its service is called in logs and metrics. */
export const hubServiceId = ({ id }: Pick<HubConfig, 'id'>): string => `hub-${id}`

/** What is configured of them, for whoever looks at a configuration as a whole. */
export const configuredHubs = (config: HubsConfig | undefined): readonly { id: string; config: HubConfig }[] =>
  config?.hubs.map((hub) => ({ id: hubServiceId(hub), config: hub })) ?? []

export const hubPrefix = ({ id }: Pick<HubConfig, 'id'>): string => `/hubs/${id}/`

export function createHub(config: HubConfig, providers: readonly ProviderSummary[]): Hub {
  const { id, provider, to, url = to[0]?.url ?? '' } = config
  return Object.freeze({
    id,
    provider,
    label: providers.find((each) => each.id === provider)?.label ?? id,
    url: url.replace(/\/+$/, ''),
    prefix: hubPrefix(config),
  })
}
