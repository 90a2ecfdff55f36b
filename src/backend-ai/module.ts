// The module value of `backend-ai`: puts its parts together. Without a section in the configuration it contributes
// nothing.

import type { HttpPart, PublicUrl } from '#http'
import type { Identities } from '#identity'
import { type Clock, defineModule } from '#kernel'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Logger } from '#telemetry'
import { createApiEndpoint } from './api-endpoint.ts'
import { backendAiConfig } from './config.ts'
import { createFuncMounts } from './func/mounts.ts'
import { createHandlerCounts, forwardingHandlerOf } from './handler-counts.ts'
import { createLogins } from './logins.ts'
import { createErrorAnswer } from './problems.ts'
import { profiles } from './profile.ts'
import { createBodyReader } from './read-body.ts'
import { createRequestPolicies } from './request-policies.ts'
import { createServices, endpointGroupsOf, type ServiceMaker } from './services.ts'
import { createConnectivity } from './web-ui/connectivity.ts'
import { createWebUi } from './web-ui/mount.ts'
import { createConfigRoutes, createStatusRoutes } from './web-ui/routes.ts'

export interface BackendAiDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger }
  readonly storage: Pick<Storage, 'keyValue'>
  readonly sessions: Sessions
  readonly identity: Pick<Identities, 'enter' | 'providers'>
  readonly proxy: ServiceMaker
  readonly publicUrl: PublicUrl
}

export const backendAiModule = defineModule({
  id: 'backend-ai',
  configKey: 'backendAi',
  config: backendAiConfig,
  requires: ['storage', 'sessions', 'identity', 'proxy'],
  create(deps: BackendAiDeps, config): HttpPart<undefined> {
    const { clock, storage, proxy, publicUrl } = deps
    if (config === undefined) return { api: undefined }
    const { webUi: webUiConfig, security } = config
    const profile = profiles[config.profile]
    const counts = createHandlerCounts()
    const policies = createRequestPolicies(security.requestPolicies)
    const services = createServices(config, proxy)
    const apiEndpoint = createApiEndpoint(publicUrl, webUiConfig?.endpointProtocol)
    const connectivity = createConnectivity({
      clock,
      keyValue: storage.keyValue,
      version: profile.version,
      endpointGroups: () => (profile.probes ? endpointGroupsOf(services) : []),
    })

    const webUi =
      webUiConfig &&
      createWebUi(webUiConfig, { publicUrl, profile, csp: security.csp, errorAnswer: createErrorAnswer(profile) })
    const files = webUi === undefined ? [] : [counts.mount(policies.files(webUi.mount), () => 'webui')]
    const told = webUiConfig?.mode === 'webui' ? { ...config, webUi: webUiConfig, profile } : undefined

    const bodies = createBodyReader({ clock, endpointOf: apiEndpoint })
    const logins = createLogins({ ...deps, config, profile, manager: services.manager, bodies, webUi: webUi?.mount })
    const func = createFuncMounts({ config, profile, services, sessionOf: logins.sessionOf, bodies })
    const dynamic = [logins.mount, ...func].map((mount) => counts.mount(policies.forwarded(mount), forwardingHandlerOf))

    return {
      api: undefined,
      mounts: [...files, ...dynamic],
      routes: policies.routes([
        ...createStatusRoutes({ counts, connectivity, profile }),
        ...(told === undefined ? [] : createConfigRoutes(told, apiEndpoint)),
      ]),
      health: logins.health,
      async start() {
        await webUi?.check()
        await logins.start()
      },
      stop: logins.stop,
    }
  },
})
