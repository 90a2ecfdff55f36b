// Where a login ends that another tab waits for: it tells that tab, and can be closed. A page of the server, so that it is
// at one address wherever the others are.

import type { Access } from '#access'
import { defineRoute, type PublicUrl, page, type Route } from '#http'

export interface LoggedInPageDeps {
  readonly access: Pick<Access, 'principal'>
  readonly publicUrl: Pick<PublicUrl, 'basePath'>
}

export const createLoggedInPage = ({ access, publicUrl }: LoggedInPageDeps): Route =>
  defineRoute({
    method: 'GET',
    path: '/portal/logged-in',
    routeClass: 'page',
    access: 'self',
    handle: (ctx) => {
      const displayName = access.principal(ctx)?.displayName ?? ''
      return page('logged-in', 'You are logged in', { displayName, channel: `gatehouse${publicUrl.basePath}` })
    },
  })
