// What must fit between the people whom lists name (`user:PROVIDER/SUBJECT`) and the providers at which they log in: an
// entry for a provider that is not there lets nobody in, and nobody would be told.

import { namedProvider } from '#access'
import type { BackendAiConfig } from '#backend-ai'
import { suggest } from '#config'
import type { HubsConfig } from '#hubs'
import type { IdentityConfig } from '#identity'
import type { UpstreamConfig } from '#proxy'
import type { SiteConfig } from '#site'
import { SERVICE_PROVIDER } from '#tokens'
import type { VerifyConfig } from '#verify'

export interface PeopleAgreementSlices {
  readonly identity: IdentityConfig
  readonly access: {
    readonly admins: readonly string[]
    readonly signUp: { readonly providers?: readonly string[] | undefined }
  }
  readonly upstreams: readonly Policy[]
  readonly sites: readonly Pick<SiteConfig, 'allow'>[]
  readonly verify: Pick<VerifyConfig, 'services'>
  readonly backendAi: Pick<BackendAiConfig, 'login'> | undefined
  readonly hubs: { readonly hubs: readonly Pick<HubsConfig['hubs'][number], 'allow'>[] } | undefined
}

type Path = readonly (string | number)[]
type Policy = Pick<UpstreamConfig, 'allow' | 'rules'>

interface List {
  readonly path: Path
  readonly entries: readonly string[]
}

export interface PeopleDisagreement {
  readonly path: Path
  readonly why: string
  readonly fix: string
}

export function findPeopleDisagreements(config: PeopleAgreementSlices): readonly PeopleDisagreement[] {
  const { identity, backendAi } = config
  const ids = [...identity.map(({ id }) => id), ...(backendAi === undefined ? [] : [backendAi.login.provider])]
  return [...reservedIds(identity), ...providerFaults(config, ids), ...personFaults(config, ids)]
}

/** Providers whose new people are meant to wait, and that nobody logs in with: then others come in unasked. */
const providerFaults = (
  { access: { signUp } }: PeopleAgreementSlices,
  ids: readonly string[],
): readonly PeopleDisagreement[] =>
  (signUp.providers ?? []).flatMap((provider, index) => {
    if (ids.includes(provider)) return []
    const why = `no provider under identity has the id "${provider}"`
    return [{ path: ['access', 'signUp', 'providers', index], why, fix: fixFor(provider, ids) }]
  })

const personFaults = (config: PeopleAgreementSlices, ids: readonly string[]): readonly PeopleDisagreement[] =>
  listsOf(config).flatMap(({ path, entries }) =>
    entries.flatMap((entry, index) => {
      const provider = namedProvider(entry)
      if (provider === undefined || provider === SERVICE_PROVIDER || ids.includes(provider)) return []
      const why = `no provider under identity has the id "${provider}", so "${entry}" is nobody`
      return [{ path: [...path, index], why, fix: fixFor(provider, ids) }]
    }),
  )

/** Whoever logs in there could be taken for a service account. */
const reservedIds = (identity: IdentityConfig): readonly PeopleDisagreement[] =>
  identity.flatMap(({ id }, index) => {
    if (id !== SERVICE_PROVIDER) return []
    const why = `"${SERVICE_PROVIDER}" is the provider of service accounts, which nobody logs in at`
    return [{ path: ['identity', index, 'id'], why, fix: 'give the provider another id' }]
  })

/** Every list that may name people, and where it stands. */
const listsOf = ({ access, upstreams, sites, verify, hubs }: PeopleAgreementSlices): readonly List[] => [
  { path: ['access', 'admins'], entries: access.admins },
  ...upstreams.flatMap((upstream, index) => policyLists(['upstreams', index], upstream)),
  ...sites.flatMap((site, index) => policyLists(['sites', index], site)),
  ...verify.services.flatMap((service, index) => policyLists(['verify', 'services', index], service)),
  ...(hubs?.hubs.flatMap((hub, index) => policyLists(['hubs', 'hubs', index], hub)) ?? []),
]

const policyLists = (path: Path, { allow = [], rules = [] }: Policy): readonly List[] => [
  { path: [...path, 'allow'], entries: allow },
  ...rules.map((rule, index) => ({ path: [...path, 'rules', index, 'allow'], entries: rule.allow })),
]

function fixFor(provider: string, ids: readonly string[]): string {
  const meant = suggest(provider, ids)
  if (meant !== undefined) return `did you mean "${meant}"?`
  return ids.length > 0 ? `name one of ${ids.join(', ')}, or remove the entry` : 'remove the entry'
}
