// The services behind the door: forwarding, WebSockets, signers. See README.md.

import type { Etcd } from '#etcd'
import type { HttpPart } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Storage } from '#storage'
import type { Logger, Metrics } from '#telemetry'
import { upstreamsConfig } from './config.ts'
import { createIdentityKeys, jwksRoute } from './identity-keys.ts'
import { createIdentityTokens, type IdentityTokenOptions, type IdentityTokens } from './identity-tokens.ts'
import { judgeOpening, type Successor } from './retirement.ts'
import { createUpstream, type UpstreamDeps } from './upstream.ts'
import { createUpstreamReports, measureUpstreams } from './upstream-metrics.ts'

export { type UpstreamConfig, upstreamId } from './config.ts'
export { proxyErrors } from './errors.ts'
export type { HeaderList } from './header-list.ts'
export { checkService, type ServiceConfig, serviceShape } from './service-config.ts'
export type { OutgoingRequest, SignedUpstream, Signer, SignerDeps, SignerDriver } from './signer.ts'
export { credentialNeed } from './signers/drivers.ts'

export interface ProxyDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
  readonly storage: Pick<Storage, 'keyRing'>
  readonly etcd: Etcd
  readonly sessions: UpstreamDeps['sessions']
  readonly identity: UpstreamDeps['identity']
  readonly access: UpstreamDeps['access']
  readonly publicUrl: UpstreamDeps['publicUrl']
  readonly hosts: UpstreamDeps['hosts']
}

export interface Proxy {
  /** Ids of the upstreams, as configured. */
  readonly upstreams: readonly string[]
  /** Asked by the part whose place this one took. */
  successor(id: string): Successor | undefined
  /** Tokens that Gatehouse signs, for whoever tells a service about a person without forwarding to it. */
  identityTokens(options: IdentityTokenOptions): IdentityTokens
}

export const proxyModule = defineModule({
  id: 'proxy',
  configKey: 'upstreams',
  config: upstreamsConfig,
  requires: ['storage', 'etcd', 'sessions', 'identity', 'access'],
  create(deps: ProxyDeps, config): HttpPart<Proxy> {
    const { telemetry, storage } = deps
    const identityKeys = createIdentityKeys(storage.keyRing)
    const reports = createUpstreamReports(telemetry.metrics)
    const upstreams = config.map((upstream) => createUpstream(upstream, { ...deps, identityKeys, ...reports }))
    let isRetired = false
    measureUpstreams(telemetry.metrics, upstreams, () => isRetired)
    return {
      api: Object.freeze<Proxy>({
        upstreams: upstreams.map(({ id }) => id),
        successor: (id) => upstreams.find((upstream) => upstream.id === id),
        identityTokens: (options) => createIdentityTokens({ ...deps, identityKeys }, options),
      }),
      routes: [jwksRoute(identityKeys)],
      mounts: upstreams.map(({ mount }) => mount),
      async start() {
        await Promise.all(upstreams.map(async ({ discovery }) => discovery?.start()))
        for (const { pool } of upstreams) pool.start()
      },
      async retire(next) {
        isRetired = true
        for (const { pool, discovery } of upstreams) {
          pool.rest()
          discovery?.rest()
        }
        await Promise.all(
          upstreams.map((upstream) =>
            upstream.tunnels.retire((opening) => judgeOpening(upstream, next.successor(upstream.id), opening)),
          ),
        )
      },
      async drain(deadline) {
        await Promise.all(upstreams.map(({ tunnels }) => tunnels.drain(deadline)))
      },
      async stop() {
        for (const { discovery, tunnels } of upstreams) {
          discovery?.stop()
          tunnels.stop()
        }
        await Promise.all(upstreams.map(({ pool }) => pool.close()))
      },
    }
  },
})
