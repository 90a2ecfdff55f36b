// Where the portal's pages are: at the root, unless something that an operator mounted would be hidden by them.

import type { Mount } from '#http'

/** Below the portal's own place. Whatever is behind a name is the page's own affair, in the browser. */
export const PAGES = ['/', '/apps', '/help', '/settings', '/settings/:page'] as const
export const ADMIN_PAGES = ['/admin', '/admin/:page', '/admin/:page/:item'] as const

/** What stands before each page: nothing, or `/portal`. */
export type PortalHome = '' | '/portal'

export function findHome(mounts: readonly Mount[]): PortalHome {
  const taken = new Set([...PAGES, ...ADMIN_PAGES].map((path) => `/${path.split('/')[1] ?? ''}`))
  const isInTheWay = ({ host, prefix }: Mount): boolean =>
    host === undefined && taken.has(`/${prefix.split('/')[1] ?? ''}`)
  return mounts.some(isInTheWay) ? '/portal' : ''
}
