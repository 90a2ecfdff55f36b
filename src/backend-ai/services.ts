// The Manager and its neighbours as services of the proxy: pool, health and discovery once, for all that is sent there.

import type { ProxyApi, Service } from '#proxy'
import type { BackendAiConfig } from './config.ts'
import type { EndpointGroup } from './web-ui/connectivity.ts'

export interface Services {
  readonly manager: Service
  readonly graphqlRouter: Service | undefined
  readonly pipeline: Service | undefined
}

export type ServiceMaker = Pick<ProxyApi, 'service'>

/** Their names in logs and metrics are looked for among upstreams' by `backend-ai-agreement.ts`. */
export function createServices(
  { manager, graphqlRouter, pipeline }: Pick<BackendAiConfig, 'manager' | 'graphqlRouter' | 'pipeline'>,
  { service }: ServiceMaker,
): Services {
  return Object.freeze({
    manager: service({ id: 'manager', config: manager }),
    graphqlRouter: graphqlRouter && service({ id: 'graphql-router', config: graphqlRouter }),
    pipeline: pipeline && service({ id: 'pipeline', config: pipeline }),
  })
}

/** How `/health` calls them (§1.8). */
export const endpointGroupsOf = ({ manager, graphqlRouter }: Services): readonly EndpointGroup[] => [
  { name: 'manager-endpoints', endpoints: manager.endpoints() },
  ...(graphqlRouter === undefined ? [] : [{ name: 'apollo-router-endpoints', endpoints: graphqlRouter.endpoints() }]),
]
