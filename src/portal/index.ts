// The portal: the pages that people see once they are logged in, and the API behind them. See README.md.

import type { Access } from '#access'
import type { AppHosts, HttpPart, Look, Mount, PortalPage, PublicUrl, RequestContext, Route } from '#http'
import type { Identities } from '#identity'
import { type Clock, defineModule } from '#kernel'
import type { ProxyApi } from '#proxy'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Telemetry } from '#telemetry'
import { createListApps, hrefOf } from './apps.ts'
import { createAssetsMount } from './assets-mount.ts'
import { createFindLook } from './chosen-look.ts'
import { portalConfig } from './config.ts'
import { createLoggedInPage } from './logged-in-page.ts'
import { createLooks } from './look.ts'
import { createLookRoute } from './look-route.ts'
import { createOverviewRoutes } from './overview/routes.ts'
import { createTrafficRecorder, MINUTE_MS } from './overview/traffic-recorder.ts'
import { createTrafficStore, trafficMigrations } from './overview/traffic-store.ts'
import { createPortalPages } from './pages.ts'
import { ADMIN_PAGES, findHome, PAGES } from './place.ts'
import { createPreferenceStore, preferencesMigrations } from './preferences.ts'
import { createPortalRoutes } from './routes.ts'
import { readWebBuild, WEB_FOLDER, type WebBuild } from './web-build.ts'

export { portalErrors } from './errors.ts'
export { MINUTE_MS } from './overview/traffic-recorder.ts'
export { createTrafficStore } from './overview/traffic-store.ts'

export interface PortalDeps {
  readonly clock: Clock
  readonly telemetry: Pick<Telemetry, 'readMetrics'>
  readonly storage: Storage
  readonly sessions: Sessions
  readonly identity: Identities
  readonly access: Access
  readonly proxy: Pick<ProxyApi, 'services'>
  readonly publicUrl: PublicUrl
  readonly hosts: AppHosts
}

export interface Portal {
  /** Pages and API, for a door with these. */
  routesFor(shown: Shown): readonly Route[]
  /** How pages are to look to whoever asks. */
  look(ctx: RequestContext): Look
}

export interface Shown {
  readonly mounts: readonly Mount[]
  /** Those that other parts bring. */
  readonly pages: readonly PortalPage[]
  readonly version: string
}

export const portalModule = defineModule({
  id: 'portal',
  configKey: 'portal',
  config: portalConfig,
  requires: ['storage', 'sessions', 'identity', 'access', 'proxy', 'site'],
  create(deps: PortalDeps, config): HttpPart<Portal> {
    const { clock, storage, sessions, identity, access, publicUrl } = deps
    storage.addMigrations(preferencesMigrations)
    storage.addMigrations(trafficMigrations)
    const store = createTrafficStore(storage)
    const recorder = createTrafficRecorder({ clock, store, readMetrics: deps.telemetry.readMetrics })
    const looks = createLooks(sessions.cookie('look'))
    const preferences = createPreferenceStore(storage)
    access.languages.keptBy(async (id) => (await preferences.find(id))?.language)
    const findLook = createFindLook({ clock, preferences, looks })
    let build: WebBuild | undefined
    return {
      api: Object.freeze({
        routesFor({ mounts, pages, version }: Shown) {
          const listApps = createListApps(mounts, deps)
          const paths = [...PAGES, ...pages.flatMap((page) => page.paths)]
          const home = findHome(mounts, [...paths, ...ADMIN_PAGES])
          const hrefs = new Map(mounts.map((mount) => [mount.id, hrefOf(mount, deps)]))
          return [
            ...createOverviewRoutes({ clock, store, proxy: deps.proxy, hrefOf: (id) => hrefs.get(id) }),
            createLoggedInPage({ access, publicUrl }),
            ...createPortalPages({ access, publicUrl, looks, findLook, listApps, home, paths, build: () => build }),
            createLookRoute({ clock, access, looks, preferences }),
            ...createPortalRoutes({
              clock,
              access,
              identity,
              sessions,
              preferences,
              looks,
              findLook,
              listApps,
              config,
              broughtPages: pages.map(({ name }) => name),
              version,
            }),
          ]
        },
        look: looks.read,
      }),
      tasks: [{ name: 'portal.traffic', everyMs: MINUTE_MS, run: recorder.record }],
      mounts: [createAssetsMount(WEB_FOLDER, publicUrl)],
      templates: new URL('./templates/', import.meta.url),
      start: async () => {
        build = await readWebBuild(WEB_FOLDER)
        await recorder.start()
      },
    }
  },
})
