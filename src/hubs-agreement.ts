// What must fit between `hubs` and the other sections, where it cannot see them alone.

import { type HubsConfig, hubPrefix } from '#hubs'
import { credentialKinds, type IdentityConfig } from '#identity'
import type { UpstreamConfig } from '#proxy'
import type { SiteConfig } from '#site'

export interface HubsAgreementSlices {
  readonly identity: IdentityConfig
  readonly upstreams: readonly UpstreamConfig[]
  readonly sites: readonly SiteConfig[]
  readonly hubs: HubsConfig | undefined
}

interface Disagreement {
  readonly path: readonly (string | number)[]
  readonly why: string
  readonly fix: string
}

export const findHubsDisagreements = (config: HubsAgreementSlices): readonly Disagreement[] =>
  config.hubs === undefined ? [] : [...unknownProviders(config, config.hubs), ...takenPaths(config, config.hubs)]

/** No request could ever be signed. */
const unknownProviders = ({ identity }: HubsAgreementSlices, { hubs }: HubsConfig): readonly Disagreement[] =>
  hubs.flatMap(({ provider }, index) => {
    const named = identity.find(({ id }) => id === provider)
    if (named !== undefined && credentialKinds[named.type] === 'oauth') return []
    const suitable = identity.filter(({ type }) => credentialKinds[type] === 'oauth').map(({ id }) => id)
    const why =
      named === undefined
        ? `no provider under identity has the id "${provider}"`
        : `a hub takes access tokens, and "${provider}" (${named.type}) brings none`
    const fix =
      suitable.length === 0
        ? 'add a provider of type oidc under identity, and write its id here'
        : `write one of ${suitable.join(', ')}, or add a provider of type oidc`
    return [{ path: ['hubs', 'hubs', index, 'provider'], why, fix }]
  })

/** Only one can answer. */
function takenPaths({ upstreams, sites }: HubsAgreementSlices, { hubs }: HubsConfig): readonly Disagreement[] {
  const own = hubs.map(hubPrefix)
  const faultOf = (path: readonly (string | number)[], prefix: string): readonly Disagreement[] =>
    own.includes(prefix.toLowerCase())
      ? [{ path, why: `${prefix} is what a hub answers at`, fix: 'give it another path' }]
      : []
  return [
    ...upstreams.flatMap(({ host, path }, index) =>
      host === undefined ? faultOf(['upstreams', index, 'path'], path) : [],
    ),
    ...sites.flatMap(({ path }, index) => faultOf(['sites', index, 'path'], path)),
  ]
}
