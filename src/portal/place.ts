// Where the portal's pages are: at the root, unless something that an operator mounted would be hidden by them.

import type { Mount } from '#http'

/** Below the portal's own place. Whatever is behind a name is the page's own affair, in the browser. */
export const PAGES = ['/', '/apps', '/help', '/settings', '/settings/:page'] as const
export const ADMIN_PAGES = ['/admin', '/admin/:page', '/admin/:page/:item'] as const

/** What stands before each page: nothing, or `/portal`. */
export type PortalHome = '' | '/portal'

/** @param paths of all pages */
export function findHome(mounts: readonly Mount[], paths: readonly string[]): PortalHome {
  const isInTheWay = ({ host, prefix }: Mount): boolean =>
    host === undefined && paths.some((path) => isBelow(segmentsOf(path), segmentsOf(prefix)))
  return mounts.some(isInTheWay) ? '/portal' : ''
}

/** Whether the page would answer for something of the mount. `/hubs` is beside `/hubs/freiburg/`, and below `/hubs/`. */
const isBelow = (page: readonly string[], mount: readonly string[]): boolean =>
  mount.every((segment, index) => page[index] === segment || page[index]?.startsWith(':') === true)

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '')
