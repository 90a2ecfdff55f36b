// A mount at which a feature names sessions itself.

import type { Mount, RequestContext } from '#http'

/** It answers nothing: for requests that only need to be somewhere. */
export const createNamingMount = (sessionName: (ctx: RequestContext) => string | undefined): Mount => ({
  id: 'naming',
  prefix: '/naming/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async () => {},
  sessionName,
})
