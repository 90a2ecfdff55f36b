// GitLab servers that people work at through the gateway. See README.md.

import type { Access } from '#access'
import type { HttpPart, PublicUrl } from '#http'
import type { Identities } from '#identity'
import { type Clock, defineModule } from '#kernel'
import type { ProxyApi } from '#proxy'
import type { Sessions } from '#sessions'
import { hubsConfig } from './config.ts'
import { createHub } from './hub.ts'
import { createHubMount } from './mount.ts'
import { createAppCookies } from './old-app/cookies.ts'
import { createOldAppRoutes } from './old-app/routes.ts'
import { createHubRoutes } from './routes.ts'

export type { HubsConfig } from './config.ts'
export { hubErrors } from './errors.ts'
export { configuredHubs, hubPrefix, hubServiceId } from './hub.ts'

export interface HubsDeps {
  readonly clock: Clock
  readonly sessions: Sessions
  readonly identity: Identities
  readonly access: Access
  readonly proxy: Pick<ProxyApi, 'service'>
  readonly publicUrl: PublicUrl
  readonly plainCookie: boolean
}

export const hubsModule = defineModule({
  id: 'hubs',
  configKey: 'hubs',
  config: hubsConfig,
  requires: ['sessions', 'identity', 'access', 'proxy'],
  create(deps: HubsDeps, config): HttpPart<undefined> {
    const configured = config?.hubs.map((each) => ({ each, hub: createHub(each, deps.identity.providers) })) ?? []
    const hubs = configured.map(({ hub }) => hub)
    const mounted = configured.map(({ each, hub }, index) => ({
      hub,
      mount: createHubMount(hub, each, `hubs.hubs[${index}]`, deps),
    }))
    const app = config?.app
    return {
      api: undefined,
      mounts: mounted.map(({ mount }) => mount),
      // Where there is none, neither is the page. A proxy that has a place of its own for `/hubs/` sends browsers there.
      portalPages: hubs.length === 0 ? [] : [{ name: 'hubs', paths: ['/hubs', '/hubs/'] }],
      routes: [
        ...createHubRoutes(mounted, deps),
        ...(app === undefined ? [] : createOldAppRoutes({ ...deps, hubs, app, cookies: createAppCookies(deps) })),
      ],
      templates: new URL('./templates/', import.meta.url),
    }
  },
})
