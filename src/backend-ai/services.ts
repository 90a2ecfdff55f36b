// The Manager and its neighbours as services of the proxy: pool, health and discovery once, for all that is sent there.

import type { ProxyApi, Service, ServiceConfig } from '#proxy'
import type { BackendAiConfig } from './config.ts'
import type { EndpointGroup } from './web-ui/connectivity.ts'

export interface Services {
  readonly manager: Service
  readonly graphqlRouter: Service | undefined
  readonly pipeline: Service | undefined
}

export type ServiceMaker = Pick<ProxyApi, 'service'>

type ServicesConfig = Pick<BackendAiConfig, keyof Services>

/** Their names in logs and metrics. */
const IDS = { manager: 'manager', graphqlRouter: 'graphql-router', pipeline: 'pipeline' } as const

export function createServices(
  { manager, graphqlRouter, pipeline }: ServicesConfig,
  { service }: ServiceMaker,
): Services {
  return Object.freeze({
    manager: service({ id: IDS.manager, config: manager }),
    graphqlRouter: graphqlRouter && service({ id: IDS.graphqlRouter, config: graphqlRouter }),
    pipeline: pipeline && service({ id: IDS.pipeline, config: pipeline }),
  })
}

export interface ConfiguredService {
  /** Under `backendAi`. */
  readonly key: keyof Services
  readonly id: string
  readonly config: ServiceConfig
}

/** What is configured of them, for whoever looks at a configuration as a whole. */
export const configuredServices = (config: ServicesConfig | undefined): readonly ConfiguredService[] =>
  (['manager', 'graphqlRouter', 'pipeline'] as const).flatMap((key) => {
    const service = config?.[key]
    return service === undefined ? [] : [{ key, id: IDS[key], config: service }]
  })

/** Their names as mounts: what `service:ID` of a token stands for. */
export const MOUNT_IDS = { manager: 'backend-ai', pipeline: 'backend-ai-pipeline', webUi: 'web-ui' } as const

export type MountedKey = keyof typeof MOUNT_IDS

export const configuredMounts = (
  config: Readonly<Partial<Record<MountedKey, unknown>>> | undefined,
): readonly { readonly key: MountedKey; readonly id: string }[] =>
  (['manager', 'pipeline', 'webUi'] as const).flatMap((key) =>
    config?.[key] === undefined ? [] : [{ key, id: MOUNT_IDS[key] }],
  )

/** How `/health` calls them (§1.8). */
export const endpointGroupsOf = ({ manager, graphqlRouter }: Services): readonly EndpointGroup[] => [
  { name: 'manager-endpoints', endpoints: manager.endpoints() },
  ...(graphqlRouter === undefined ? [] : [{ name: 'apollo-router-endpoints', endpoints: graphqlRouter.endpoints() }]),
]
