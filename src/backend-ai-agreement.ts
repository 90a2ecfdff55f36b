// What must fit between `backendAi` and the other sections, where it cannot see them alone.

import type { BackendAiConfig } from '#backend-ai'
import type { ServerConfig } from '#http'
import { credentialKinds, type IdentityConfig } from '#identity'
import type { UpstreamConfig } from '#proxy'
import type { SiteConfig } from '#site'

export interface BackendAiAgreementSlices {
  readonly server: Pick<ServerConfig, 'url' | 'tls'>
  readonly sessions: { readonly absolute: number }
  readonly identity: IdentityConfig
  readonly upstreams: readonly UpstreamConfig[]
  readonly sites: readonly SiteConfig[]
  readonly backendAi: BackendAiConfig | undefined
}

interface Disagreement {
  readonly path: readonly (string | number)[]
  readonly why: string
  readonly fix: string
}

export function findBackendAiDisagreements(config: BackendAiAgreementSlices): readonly Disagreement[] {
  const { backendAi } = config
  if (backendAi === undefined) return []
  return [
    ...takenPaths(config, backendAi),
    ...otherPeople(config, backendAi),
    ...uselessCookie(config, backendAi),
    ...cutShort(config, backendAi),
  ]
}

const pathsOf = ({ webUi, pipeline }: BackendAiConfig): readonly string[] => [
  '/server/',
  '/func/',
  ...(pipeline === undefined ? [] : ['/pipeline/']),
  ...(webUi === undefined ? [] : ['/']),
]

/** Only one can answer. */
function takenPaths({ upstreams, sites }: BackendAiAgreementSlices, backendAi: BackendAiConfig) {
  const own = pathsOf(backendAi)
  const faultOf = (path: readonly (string | number)[], prefix: string): readonly Disagreement[] =>
    own.includes(prefix.toLowerCase())
      ? [{ path, why: `${prefix} is what backendAi answers at`, fix: 'give it another path' }]
      : []
  return [
    ...upstreams.flatMap(({ host, path }, index) =>
      host === undefined ? faultOf(['upstreams', index, 'path'], path) : [],
    ),
    ...sites.flatMap(({ path }, index) => faultOf(['sites', index, 'path'], path)),
  ]
}

/** Whoever logs in here is the same person as at the provider of that name: then it must be the same Manager's. */
function otherPeople({ identity }: BackendAiAgreementSlices, { login }: BackendAiConfig): readonly Disagreement[] {
  const named = identity.find(({ id }) => id === login.provider)
  if (named === undefined || credentialKinds[named.type] === 'keypair') return []
  const why = `"${named.id}" is a provider of type ${named.type}, where other people log in`
  return [{ path: ['backendAi', 'login', 'provider'], why, fix: 'write another name' }]
}

/** Browsers drop a cookie for other sites that does not come over https. */
function uselessCookie({ server }: BackendAiAgreementSlices, { session }: BackendAiConfig): readonly Disagreement[] {
  const isHttps = server.url?.startsWith('https:') ?? server.tls !== undefined
  if (session.cookie.sameSite !== 'none' || isHttps) return []
  const why = 'browsers drop such a cookie unless it comes over https'
  return [
    {
      path: ['backendAi', 'session', 'cookie', 'sameSite'],
      why,
      fix: 'set server.url to an https address, or write lax',
    },
  ]
}

/** Nobody is to be told a time that does not hold. */
function cutShort({ sessions }: BackendAiAgreementSlices, { session }: BackendAiConfig): readonly Disagreement[] {
  return (['maxAge', 'extension'] as const).flatMap((key) =>
    (session[key] ?? 0) > sessions.absolute
      ? [
          {
            path: ['backendAi', 'session', key],
            why: 'every session ends after sessions.absolute, which is shorter',
            fix: 'set sessions.absolute to as much, or make this shorter',
          },
        ]
      : [],
  )
}
