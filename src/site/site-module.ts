// The module value of `site`: one mount per configured directory.

import { realpath } from 'node:fs/promises'
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
import { createEntityTags, type EntityTags } from './entity-tags.ts'
import { findFile } from './find-file.ts'
import { openFile } from './open-file.ts'
import { serveFile } from './serve-file.ts'

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
    const tagOf = createEntityTags()
    return {
      api: undefined,
      mounts: sites.map((site) => createMount(deps, site, tagOf)),
      start: async () => {
        for (const site of sites) await checkDirectory(site)
      },
    }
  },
})

function createMount({ access, publicUrl }: SiteDeps, site: SiteConfig, tagOf: EntityTags): Mount {
  const { id, path: prefix, title, spa } = site
  const cacheControlOf = createCacheControl(site)
  return {
    id,
    prefix,
    // Public mounts are served without looking at the session at all.
    routeClass: site.allow.includes('public') ? 'public' : 'proxied',
    authorize: access.authorizeBy(access.compilePolicy(id, [{ allow: site.allow }]), prefix),
    ...(title !== undefined && { card: { title } }),
    serve: async (ctx: RequestContext, response: ServerResponse) => {
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
        throw httpErrors.methodNotAllowed({ method: ctx.method, allow: 'GET, HEAD' })
      }
      // Asked each time, because a deployment may switch a link to the next release.
      const root = await realpath(site.directory)
      const file = await findFile(ctx, { root, path: ctx.target.path.slice(prefix.length - 1), spa })
      try {
        const headers = securityHeadersOf(ctx, publicUrl.isHttps, site.contentSecurityPolicy)
        await serveFile(ctx, response, file, { tagOf, cacheControlOf, headers, idleMs: IDLE_MS })
      } finally {
        await file.handle.close()
      }
    },
  }
}

/** The same as for what comes from a service. */
const IDLE_MS = 60_000

/** The policy goes with every file: scripts that run as workers follow the one that came with them. */
const securityHeadersOf = (ctx: RequestContext, isHttps: boolean, contentSecurityPolicy: string) => ({
  ...createSecurityHeaders({ isHttps, frameAncestors: [] })(ctx, false),
  'content-security-policy': contentSecurityPolicy,
})

/** A site without its directory is better noticed at the start than by its visitors. */
async function checkDirectory({ id, directory, spa }: SiteConfig): Promise<void> {
  const root = await realpath(directory).catch((error: unknown) => {
    throw new Error(`the site "${id}" cannot be served: its directory ${directory} cannot be read`, { cause: error })
  })
  if (!spa) return
  const index = await openFile(root, ['index.html'])
  if (typeof index !== 'string') return index.handle.close()
  throw new Error(
    `the site "${id}" cannot be served: index.html in ${directory} is ${index}. Build the site, or set spa: false.`,
  )
}
