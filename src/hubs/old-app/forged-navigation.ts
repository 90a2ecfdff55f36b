// Whether a page of another site may have sent the browser here, where the person did not mean to log in.

import type { RequestContext } from '#http'

/**
 * Fetch Metadata §2.3: `same-origin` is a link of ours, `none` the person's own doing. A browser that says nothing is
 * believed as long as there is no session that a new login would replace.
 */
export function mayBeForged({ request }: Pick<RequestContext, 'request'>, hasSession: boolean): boolean {
  const site = request.headers['sec-fetch-site']
  return site === undefined ? hasSession : site !== 'same-origin' && site !== 'none'
}
