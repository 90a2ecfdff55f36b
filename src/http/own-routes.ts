// Pages of the front door itself: home with the services that hang on it, and the files of our own look.

import { z } from 'zod'
import { page } from './answer.ts'
import type { AppHosts } from './app-hosts.ts'
import { httpErrors } from './errors.ts'
import type { Pages } from './pages.ts'
import { defineRoute, type Mount, type Route } from './route.ts'

/** @param mounts as they are at start; a home page exists only where nothing is mounted at `/`. */
export function createOwnRoutes(pages: Pages, mounts: readonly Mount[], place: HomePlace): readonly Route[] {
  const home = defineRoute({
    method: 'GET',
    path: '/',
    routeClass: 'page',
    access: 'self',
    handle: (ctx) => {
      const services = mounts
        .filter(({ card }) => card !== undefined)
        .map((mount) => {
          const decision = mount.mayOpen?.(ctx) ?? mount.authorize(ctx)
          const { title, description } = mount.card ?? { title: mount.id }
          return {
            path: mount.prefix,
            href: hrefOf(mount, place),
            title,
            description,
            open: decision.allow,
            because: decision.allow ? '' : decision.because,
          }
        })
      return page('home', 'Services', { services })
    },
  })
  const assets = defineRoute({
    method: 'GET',
    path: '/auth/assets/:name',
    routeClass: 'public',
    access: 'public',
    params: z.object({ name: z.string() }),
    handle: (_ctx, { params }) => {
      const asset = pages.asset(params.name)
      if (asset === undefined) throw httpErrors.notFound({})
      return { kind: 'bytes', status: 200, contentType: asset.contentType, body: asset.body, headers: FOR_EVER }
    },
  })
  return mounts.some(({ host, prefix }) => host === undefined && prefix === '/') ? [assets] : [home, assets]
}

export interface HomePlace {
  readonly hosts: AppHosts
  /** Adds the base path to a path of ours. */
  readonly pathTo: (path: string) => string
}

/** A path at the portal; on a host of its own, the whole address. */
function hrefOf({ host, prefix }: Mount, { hosts, pathTo }: HomePlace): string {
  const appHost = host === undefined ? undefined : hosts.named(host)
  return appHost === undefined ? pathTo(prefix) : `${appHost.origin}${prefix}`
}

/** The name changes with the content. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' }
