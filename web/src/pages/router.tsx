// Which page an address means. Pages are loaded when they are opened.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { Shell } from '../shell/shell.tsx'
import { FailedPage } from './failed-page.tsx'
import { FailedPortal } from './failed-portal.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { pageTable } from './table.ts'

/** @param home before every page: the base path, and `/portal` where the portal is there. */
export function createPortalRouter(home: string) {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage, errorComponent: FailedPortal })
  const pages = pageTable.map(({ path, load }) =>
    createRoute({
      getParentRoute: () => root,
      path,
      component: lazyRouteComponent(async () => ({ default: await load() })),
    }),
  )
  const settings = createRoute({
    getParentRoute: () => root,
    path: '/settings',
    beforeLoad: () => redirect({ to: '/settings/profile', throw: true }),
  })
  return createRouter({
    routeTree: root.addChildren([...pages, settings]),
    basepath: home === '' ? '/' : home,
    // Such as a page whose file is gone, because a newer version has taken its place.
    defaultErrorComponent: FailedPage,
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
}
