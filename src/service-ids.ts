// Each service has an id that no other has, whatever section of the configuration it stands in: a token's `service:ID` is
// for one of them, a signed token says by it whom it is for (`aud`), and logs and metrics tell them apart.

import { type BackendAiConfig, configuredMounts, configuredServices } from '#backend-ai'
import { configuredHubs, type HubsConfig } from '#hubs'
import { type UpstreamConfig, upstreamId } from '#proxy'
import type { SiteConfig } from '#site'
import type { VerifyConfig } from '#verify'

export interface ServiceIdSlices {
  readonly upstreams: readonly UpstreamConfig[]
  readonly sites: readonly Pick<SiteConfig, 'id'>[]
  readonly verify: { readonly services: readonly Pick<VerifyConfig['services'][number], 'id'>[] }
  readonly backendAi: BackendAiConfig | undefined
  readonly hubs: HubsConfig | undefined
}

interface Named {
  readonly id: string
  readonly path: readonly (string | number)[]
}

/** Within a section its own schema sees to it. Of two sections, the later one here is told to choose again. */
export function findSharedServiceIds(config: ServiceIdSlices) {
  const before = new Map<string, Named>()
  return sectionsOf(config).flatMap((section) => {
    const shared = section.flatMap(({ id, path }) => {
      const first = before.get(id)
      if (first === undefined) return []
      const why = `${toText(first.path)} is called "${id}" already: tokens with the scope service:${id}, logs and metrics could not tell the two apart`
      return [{ path: [...path, 'id'], why, fix: 'give one of the two another id' }]
    })
    for (const named of section) before.set(named.id, named)
    return shared
  })
}

/** Those whose ids are given come first: nobody can choose others. */
const sectionsOf = ({ upstreams, sites, verify, backendAi, hubs }: ServiceIdSlices): readonly (readonly Named[])[] => [
  [...configuredServices(backendAi), ...configuredMounts(backendAi)].map(({ key, id }) => ({
    id,
    path: ['backendAi', key],
  })),
  configuredHubs(hubs).map(({ id }, index) => ({ id, path: ['hubs', 'hubs', index] })),
  upstreams.map((upstream, index) => ({ id: upstreamId(upstream), path: ['upstreams', index] })),
  sites.map(({ id }, index) => ({ id, path: ['sites', index] })),
  verify.services.map(({ id }, index) => ({ id, path: ['verify', 'services', index] })),
]

const toText = (path: Named['path']): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('')
