// What must fit between sections of the configuration, where no section can see it alone. `modules.ts` hangs it on the
// composed schema, so that `config check` and `serve` refuse the same things.

import { type BackendAiConfig, configuredServices } from '#backend-ai'
import { suggest } from '#config'
import type { EtcdConfig } from '#etcd'
import type { ServerConfig } from '#http'
import { configuredHubs, type HubsConfig } from '#hubs'
import { credentialKinds, type IdentityConfig } from '#identity'
import { credentialNeed, type UpstreamConfig, upstreamId } from '#proxy'
import type { SiteConfig } from '#site'
import type { StorageConfig } from '#storage'
import type { VerifyConfig } from '#verify'
import { findBackendAiDisagreements } from './backend-ai-agreement.ts'
import { findHostDisagreements } from './host-agreement.ts'
import { findHubsDisagreements } from './hubs-agreement.ts'
import { findPeopleDisagreements, type PeopleAgreementSlices } from './people-agreement.ts'
import { findSharedServiceIds } from './service-ids.ts'

export interface AgreementSlices {
  readonly server: Pick<ServerConfig, 'url' | 'hosts' | 'tls' | 'trustedProxies' | 'processes'>
  readonly storage: Pick<StorageConfig, 'sql' | 'keyValue'>
  readonly sessions: { readonly absolute: number }
  readonly identity: IdentityConfig
  readonly access: PeopleAgreementSlices['access']
  readonly mail: object | undefined
  readonly etcd: Pick<EtcdConfig, 'endpoints'>
  readonly upstreams: readonly UpstreamConfig[]
  readonly sites: readonly SiteConfig[]
  readonly verify: Pick<VerifyConfig, 'services'>
  readonly backendAi: BackendAiConfig | undefined
  readonly hubs: HubsConfig | undefined
}

export interface Disagreement {
  readonly path: readonly (string | number)[]
  readonly why: string
  readonly fix: string
}

/** Everything that does not fit; empty if all does. */
export const findDisagreements = (config: AgreementSlices): readonly Disagreement[] => [
  ...config.upstreams.flatMap((upstream, index) => {
    const found = credentialFault(upstream, config.identity)
    return found === undefined ? [] : [{ path: ['upstreams', index, 'sign', 'credential'], ...found }]
  }),
  ...discoveryFaults(config),
  ...findHostDisagreements(config),
  ...findPeopleDisagreements(config),
  ...findBackendAiDisagreements(config),
  ...findHubsDisagreements(config),
  ...config.sites.flatMap((site, index) => {
    const rival = config.upstreams.find(
      ({ host, path }) => host === undefined && path.toLowerCase() === site.path.toLowerCase(),
    )
    if (rival === undefined) return []
    const why = `the upstream ${upstreamId(rival)} has the path ${rival.path} already`
    return [{ path: ['sites', index, 'path'], why, fix: 'give one of the two another path' }]
  }),
  ...verifyFaults(config),
  ...findSharedServiceIds(config),
  ...memoryFaults(config),
  ...mailFaults(config),
]

/** Mails say where to go, and are written where nobody has asked for a page. */
const mailFaults = ({ server, mail }: AgreementSlices): readonly Disagreement[] =>
  mail === undefined || server.url !== undefined
    ? []
    : [
        {
          path: ['mail'],
          why: 'mails hold the address of this service, and `server.url` does not say it',
          fix: 'write what people open as server.url',
        },
      ]

/** Nobody could ask about them, or be seen there as logged in. */
function verifyFaults({ server, verify: { services } }: AgreementSlices): readonly Disagreement[] {
  const unasked: Disagreement = {
    path: ['verify', 'services'],
    why: 'no proxy may ask about them: server.trustedProxies is empty',
    fix: 'add the address of the proxy in front to server.trustedProxies',
  }
  const name = server.url === undefined ? undefined : new URL(server.url).hostname
  const unseen = services.flatMap(({ host }, index): readonly Disagreement[] => {
    if (name === undefined || host === undefined || host.replace(/:[0-9]+$/, '') === name) return []
    const why = `browsers show the session to ${name} only, whatever the port, and never to ${host}`
    return [{ path: ['verify', 'services', index, 'host'], why, fix: `serve it at ${name}, under a path or a port` }]
  })
  return services.length > 0 && server.trustedProxies.length === 0 ? [unasked, ...unseen] : unseen
}

/** Nobody could be asked for the endpoints. */
const discoveryFaults = ({ etcd, upstreams, backendAi, hubs }: AgreementSlices): readonly Disagreement[] => {
  const services = [
    ...upstreams.map(({ discover }, index) => ({ path: ['upstreams', index], discover })),
    ...configuredServices(backendAi).map(({ key, config }) => ({
      path: ['backendAi', key],
      discover: config.discover,
    })),
    ...configuredHubs(hubs).map(({ config }, index) => ({
      path: ['hubs', 'hubs', index],
      discover: config.discover,
    })),
  ]
  return services.flatMap(({ path, discover }) =>
    discover === undefined || etcd.endpoints.length > 0
      ? []
      : [
          {
            path: [...path, 'discover'],
            why: 'endpoints are announced in etcd, and nothing says where that is',
            fix: 'list the members of etcd in etcd.endpoints, such as [http://etcd-1:2379], or list the endpoints in to',
          },
        ],
  )
}

/** Each process would have a memory of its own. */
const memoryFaults = ({ server, storage }: AgreementSlices): readonly Disagreement[] =>
  (['sql', 'keyValue'] as const).flatMap((kind) =>
    server.processes !== 1 && storage[kind].type === 'memory'
      ? [
          {
            path: ['storage', kind, 'type'],
            why: 'several processes share no memory, and server.processes asks for several',
            fix: 'choose a store that outlives a process, or set server.processes to 1',
          },
        ]
      : [],
  )

type Fault = Pick<Disagreement, 'why' | 'fix'>

/** The upstream's credential must be one that a configured provider brings: else no request could ever be signed. */
function credentialFault({ sign }: UpstreamConfig, providers: IdentityConfig): Fault | undefined {
  const need = credentialNeed(sign)
  if (need === undefined) return undefined
  const suitable = providers.filter(({ type }) => credentialKinds[type] === need.kind).map(({ id }) => id)
  const named = providers.find(({ id }) => id === need.provider)
  if (named === undefined) {
    return { why: `no provider under identity has the id "${need.provider}"`, fix: fixFor(need, suitable) }
  }
  const brought = credentialKinds[named.type]
  if (brought === need.kind) return undefined
  const brings = brought === undefined ? 'no credential' : CREDENTIAL_NAMES[brought]
  const why = `${sign.type} needs ${CREDENTIAL_NAMES[need.kind]}, and "${named.id}" (${named.type}) brings ${brings}`
  return { why, fix: fixFor(need, suitable) }
}

type Need = NonNullable<ReturnType<typeof credentialNeed>>

const CREDENTIAL_NAMES: Readonly<Record<Need['kind'], string>> = {
  oauth: 'an access token',
  keypair: 'a keypair',
  password: 'a password',
}

function fixFor({ provider, kind }: Need, suitable: readonly string[]): string {
  const meant = suggest(provider, suitable)
  if (meant !== undefined) return `did you mean "${meant}"?`
  if (suitable.length > 0) return `write one of ${suitable.join(', ')}`
  const types = Object.entries(credentialKinds).flatMap(([type, brought]) => (brought === kind ? [type] : []))
  if (types.length === 0) return `no type of provider brings ${CREDENTIAL_NAMES[kind]}; use another way to sign`
  return `add a provider of type ${types.join(' or ')} under identity, and write its id here`
}
