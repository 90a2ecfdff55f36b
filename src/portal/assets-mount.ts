// The files of the build at `/portal/assets/`: open to everybody, since they say nothing of anybody, and kept for ever,
// since their names change with what is in them.

import { join } from 'node:path'
import { createSecurityHeaders, httpErrors, type Mount, type PublicUrl } from '#http'
import { createDirectory } from '#site'

export const ASSETS_PREFIX = '/portal/assets/'

/** @param folder of the build; that which is below `assets` in it is served. */
export function createAssetsMount(folder: string, publicUrl: Pick<PublicUrl, 'isHttps'>): Mount {
  const securityHeaders = createSecurityHeaders({ isHttps: publicUrl.isHttps, frameAncestors: [] })
  const directory = createDirectory({
    path: join(folder, 'assets'),
    hasFolderIndexes: false,
    answersWithFrontPage: () => false,
    cacheControlOf: () => 'public, max-age=31536000, immutable',
    headersOf: (ctx) => securityHeaders(ctx, false),
  })
  return {
    id: 'portal-assets',
    prefix: ASSETS_PREFIX,
    needsSlash: true,
    routeClass: 'public',
    authorize: () => ({ allow: true, rule: 'the files of the portal are for everybody' }),
    async serve(ctx, response) {
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
        throw httpErrors.methodNotAllowed({ method: ctx.method, allow: 'GET, HEAD' })
      }
      await serveOrNotFound(() => directory.serve(ctx, response, ctx.target.path.slice(ASSETS_PREFIX.length - 1)))
    },
  }
}

/** Without a build there is no folder either. */
async function serveOrNotFound(serve: () => Promise<void>): Promise<void> {
  try {
    await serve()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw httpErrors.notFound({})
    throw error
  }
}
