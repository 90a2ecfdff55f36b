// What an OpenID provider publishes about itself: read when first needed, shared by all requests, read again each hour.
// The gateway starts without it; what is known stays in use while the provider is away.

import type { JSONWebKeySet } from 'jose'
import * as oidc from 'openid-client'
import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import { createLimitedFetch, type FetchRequest } from '../../limited-fetch.ts'
import { providerAway } from '../../provider-away.ts'
import { describeFailure } from '../oauth/failure.ts'
import { isSafeUrl } from '../safe-url.ts'
import { CLOCK_LEEWAY_SECONDS } from './clock-leeway.ts'
import type { OidcConfig } from './config.ts'
import { createKeySource, type KeyNeed } from './key-source.ts'
import { watchProviderClock } from './provider-clock.ts'
import { createRedirectUris, type RedirectUris } from './redirect-uris.ts'

const CALL_TIMEOUT_MS = 8000
const MAX_ANSWER_BYTES = 524_288
const FRESH_MS = 3_600_000
/** After a failure, everybody who asks within this time gets the same answer. */
const FAILURE_REMEMBERED_MS = 3000

/** Every address that a login or logout may use. */
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'userinfo_endpoint',
  'revocation_endpoint',
  'end_session_endpoint',
] as const

export interface Discovery {
  /** @throws login.providerUnavailable */
  open(): Promise<OpenProvider>
  readonly redirectUris: Pick<RedirectUris, 'remember'>
  /** By how much its clock is ahead of ours; undefined until it has said. */
  readonly clockAheadMs: () => number | undefined
}

/** A provider ready to be spoken to, for one operation. */
export interface OpenProvider {
  readonly metadata: oidc.ServerMetadata
  readonly configuration: oidc.Configuration
  /** The provider's keys, for what the library does not check. */
  readonly keys: (need: KeyNeed) => Promise<JSONWebKeySet>
}

interface DiscoveryDeps {
  readonly clock: Clock
  readonly log: Logger
}

export function createDiscovery(config: OidcConfig, { clock, log }: DiscoveryDeps): Discovery {
  const label = config.label ?? config.id
  const providerClock = watchProviderClock({
    provider: config,
    fetch: createLimitedFetch({ timeoutMs: CALL_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES }),
    clock,
    log,
  })
  const limitedFetch = providerClock.fetch
  const keys = createKeySource(limitedFetch, clock)
  const redirectUris = createRedirectUris()
  let known: { readonly metadata: oidc.ServerMetadata; readonly readAtMs: number } | undefined
  let pending: Promise<oidc.ServerMetadata> | undefined
  let failed: { readonly reason: string; readonly atMs: number } | undefined

  const fetchMetadata = async (): Promise<oidc.ServerMetadata> => {
    const found = await oidc.discovery(new URL(config.issuer), config.clientId, undefined, oidc.None(), {
      [oidc.customFetch]: limitedFetch,
      timeout: CALL_TIMEOUT_MS / 1000,
      execute: [oidc.allowInsecureRequests],
    })
    const metadata = found.serverMetadata()
    const fault = findFault(metadata, config)
    if (fault !== undefined) throw new Error(fault)
    return metadata
  }

  const read = async (): Promise<oidc.ServerMetadata> => {
    try {
      const metadata = await fetchMetadata()
      known = { metadata, readAtMs: clock.monotonicMs() }
      failed = undefined
      return metadata
    } catch (error) {
      const reason = describeFailure(error)
      failed = { reason, atMs: clock.monotonicMs() }
      log.warn({ event: 'provider_unavailable', provider: config.id, reason }, 'the OpenID provider cannot be used')
      return fallBack(reason)
    }
  }

  /** What is known of a provider serves while it is away. */
  const fallBack = (reason: string): oidc.ServerMetadata => {
    if (known !== undefined) return known.metadata
    throw providerAway({ label, reason })
  }

  const load = async (): Promise<oidc.ServerMetadata> => {
    const now = clock.monotonicMs()
    if (known !== undefined && now - known.readAtMs < FRESH_MS) return known.metadata
    if (failed !== undefined && now - failed.atMs < FAILURE_REMEMBERED_MS) return fallBack(failed.reason)
    pending ??= read().finally(() => {
      pending = undefined
    })
    return pending
  }

  return Object.freeze({
    redirectUris,
    clockAheadMs: providerClock.aheadMs,
    async open() {
      const metadata = await load()
      const configuration = new oidc.Configuration(
        // The operator's list decides which algorithms sign, not what the provider says of itself (RFC 8725 §3.1).
        {
          ...metadata,
          id_token_signing_alg_values_supported: config.algorithms,
          userinfo_signing_alg_values_supported: config.algorithms,
        },
        config.clientId,
        {
          [oidc.clockTolerance]: CLOCK_LEEWAY_SECONDS,
          // The library reads the system's clock.
          [oidc.clockSkew]: Math.round((clock.now() - Date.now()) / 1000),
        },
        clientAuthentication(config, metadata),
      )
      configuration.timeout = CALL_TIMEOUT_MS / 1000
      configuration[oidc.customFetch] = (url: string, request: FetchRequest) =>
        url === metadata.jwks_uri ? keys.fetch(url, request) : limitedFetch(url, redirectUris.restore(request))
      // Which addresses may do without TLS was settled when they were read (`findFault`).
      oidc.allowInsecureRequests(configuration)
      // TLS alone would do for a token that comes from the token endpoint (OIDC Core §3.1.3.7); its signature is checked
      // all the same.
      oidc.enableNonRepudiationChecks(configuration)
      keys.seed(configuration)
      return {
        metadata,
        configuration,
        keys: (need: KeyNeed) => keys.read(metadata.jwks_uri ?? '', need),
      }
    },
  })
}

/** What makes a discovery document unusable, in words for the operator. */
function findFault(metadata: oidc.ServerMetadata, config: OidcConfig): string | undefined {
  // OIDC Discovery §4.3: exactly, to the last slash.
  if (metadata.issuer !== config.issuer) return `it calls itself ${metadata.issuer.slice(0, 200)}, not ${config.issuer}`
  for (const name of ENDPOINTS) {
    const url = metadata[name]
    const isRequired = name === 'authorization_endpoint' || name === 'token_endpoint' || name === 'jwks_uri'
    if (url === undefined && !isRequired) continue
    if (typeof url !== 'string' || !URL.canParse(url)) return `its ${name} is missing or not a URL`
    if (!config.dangerouslyAllowHttp && !isSafeUrl(url)) return `its ${name} is not an https URL`
    if (!/^https?:/i.test(url)) return `its ${name} is not an http URL`
  }
  return undefined
}

function clientAuthentication(config: OidcConfig, metadata: oidc.ServerMetadata): oidc.ClientAuth {
  if (config.clientSecret === undefined) return oidc.None()
  const secret = config.clientSecret.reveal()
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const prefersPost = methods.includes('client_secret_post') && !methods.includes('client_secret_basic')
  return prefersPost ? oidc.ClientSecretPost(secret) : oidc.ClientSecretBasic(secret)
}
