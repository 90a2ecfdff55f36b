// The module value of `site`: one mount per configured directory.

import type { ServerResponse } from 'node:http'
import type { Access } from '#access'
import {
  createSecurityHeaders,
  type HttpPart,
  httpErrors,
  type Mount,
  type PublicUrl,
  type RequestContext,
} from '#http'
import { defineModule } from '#kernel'
import { createCacheControl } from './cache-control.ts'
import { type SiteConfig, sitesConfig } from './config.ts'
import { createDirectory, type Directory } from './directory.ts'

export interface SiteDeps {
  readonly access: Pick<Access, 'compilePolicy' | 'authorizeBy'>
  readonly publicUrl: Pick<PublicUrl, 'isHttps'>
}

export const siteModule = defineModule({
  id: 'site',
  configKey: 'sites',
  config: sitesConfig,
  requires: ['access'],
  create: (deps: SiteDeps, sites): HttpPart<undefined> => {
    const served = sites.map((site) => ({ site, directory: createSiteDirectory(deps, site) }))
    return {
      api: undefined,
      mounts: served.map(({ site, directory }, index) => createMount(deps, site, `sites[${index}]`, directory)),
      start: async () => {
        for (const { site, directory } of served) await check(site, directory)
      },
    }
  },
})

const createSiteDirectory = ({ publicUrl }: SiteDeps, site: SiteConfig): Directory =>
  createDirectory({
    path: site.directory,
    hasFolderIndexes: true,
    answersWithFrontPage: (ctx, why) => why === 'missing' && site.spa && ctx.wantsPage,
    cacheControlOf: createCacheControl(site),
    // The policy goes with every file: scripts that run as workers follow the one that came with them.
    headersOf: (ctx) => ({
      ...createSecurityHeaders({ isHttps: publicUrl.isHttps, frameAncestors: [] })(ctx, false),
      'content-security-policy': site.contentSecurityPolicy,
    }),
  })

/** @param place where it stands in the configuration: `sites[0]` */
function createMount({ access }: SiteDeps, site: SiteConfig, place: string, directory: Directory): Mount {
  const { id, path: prefix, title, allow } = site
  const policy = access.compilePolicy(id, [{ allow, place: `${place}.allow` }])
  return {
    id,
    prefix,
    // Public mounts are served without looking at the session at all.
    routeClass: allow.includes('public') ? 'public' : 'proxied',
    authorize: access.authorizeBy(policy, prefix),
    ...(title !== undefined && { card: { title } }),
    serve: async (ctx: RequestContext, response: ServerResponse) => {
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
        throw httpErrors.methodNotAllowed({ method: ctx.method, allow: 'GET, HEAD' })
      }
      await directory.serve(ctx, response, ctx.target.path.slice(prefix.length - 1))
    },
  }
}

/** A site without its directory is better noticed at the start than by its visitors. */
async function check({ id, spa }: SiteConfig, directory: Directory): Promise<void> {
  const fault = await directory.findFault({ needsFrontPage: spa })
  if (fault === undefined) return
  const { message, cause } = fault
  const remedy = cause === undefined ? '. Build the site, or set spa: false.' : ''
  throw new Error(`the site "${id}" cannot be served: ${message}${remedy}`, { cause })
}
