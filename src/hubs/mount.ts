// `/hubs/ID/` on the front door: the API of a hub and the Git LFS of its repositories, both with the person's own token.
// Nothing else of it is there: its pages belong to its own origin.

import type { Access } from '#access'
import { httpErrors, type Mount } from '#http'
import type { ProxyApi } from '#proxy'
import type { HubConfig } from './config.ts'
import { type Hub, hubServiceId } from './hub.ts'
import { createLfsBatch, LFS_USERNAME, type LfsDeps } from './lfs.ts'
import { isLfsBatch, isLfsPath } from './lfs-batch.ts'

export interface HubMountDeps extends LfsDeps {
  readonly access: Pick<Access, 'principal' | 'compilePolicy' | 'authorizeBy'>
  readonly proxy: Pick<ProxyApi, 'service'>
}

/** @param place where it stands in the configuration: `hubs.hubs[0]` */
export function createHubMount(hub: Hub, config: HubConfig, place: string, deps: HubMountDeps): Mount {
  const { prefix, provider } = hub
  const id = hubServiceId(config)
  const policy = deps.access.compilePolicy(id, [{ allow: config.allow, place: `${place}.allow` }])
  const service = deps.proxy.service({ id, config })
  const common = { prefix, forwardedHeaders: FORWARDED_HEADERS, droppedCookies: ALL_COOKIES }
  const api = service.lane({ ...common, sign: { type: 'bearer', credential: provider } })
  const lfs = service.lane({ ...common, sign: { type: 'basic', credential: provider, username: LFS_USERNAME } })
  const lfsBatch = createLfsBatch(hub, service, deps)

  return Object.freeze<Mount>({
    id,
    prefix,
    routeClass: 'proxied',
    authorize: deps.access.authorizeBy(policy, prefix),
    credentials: [provider],
    async serve(ctx, response) {
      const path = ctx.target.path.slice(prefix.length - 1)
      if (path.startsWith('/api/v4/')) return api.forward(ctx, response)
      if (isLfsBatch(path)) return lfsBatch(ctx, response)
      if (isLfsPath(path)) return lfs.forward(ctx, response)
      throw httpErrors.notFound({})
    },
  })
}

/**
 * What of a client's headers goes on: what says something about the content. Nothing by which GitLab could take the request
 * for somebody else's than the person's, such as Private-Token, Job-Token or Sudo.
 */
const FORWARDED_HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-disposition',
  'content-encoding',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'user-agent',
]

/** In both directions: every name begins so. GitLab's own cookies would be the portal's there. */
const ALL_COOKIES = ['']
