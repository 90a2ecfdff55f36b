// The services behind the door: forwarding, WebSockets, signers. See README.md.

import type { Etcd } from '#etcd'
import type { HttpPart } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Storage } from '#storage'
import type { Logger, Metrics } from '#telemetry'
import { upstreamsConfig } from './config.ts'
import { createIdentityKeys, jwksRoute } from './identity-keys.ts'
import { createIdentityTokens, type IdentityTokenOptions, type IdentityTokens } from './identity-tokens.ts'
import type { Successor } from './retirement.ts'
import {
  createService,
  type EndpointState,
  type OwnService,
  type Service,
  type ServiceDeps,
  type ServiceOptions,
} from './service.ts'
import { createUpstream, type UpstreamDeps } from './upstream.ts'
import { createServiceReports, measureServices } from './upstream-metrics.ts'

export type { ServiceAnswer, ServiceRequest } from './ask.ts'
export { type UpstreamConfig, upstreamId } from './config.ts'
export { proxyErrors } from './errors.ts'
export type { HeaderList } from './header-list.ts'
export { createCookieTest } from './headers.ts'
export type { InsteadBody } from './instead.ts'
export type { Lane, LaneOptions } from './lane.ts'
export type { EndpointState, Service, ServiceOptions } from './service.ts'
export { checkService, type ServiceConfig, serviceShape, timeoutsSchema } from './service-config.ts'
export type { OutgoingRequest, SignedUpstream, Signer, SignerDeps, SignerDriver } from './signer.ts'
export { createKeypairSigner, type KeypairSigner } from './signers/backend-ai-keypair.ts'
export { credentialNeed, type SignerConfig } from './signers/drivers.ts'

export interface ProxyDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
  readonly storage: Pick<Storage, 'keyRing'>
  readonly etcd: Etcd
  readonly sessions: ServiceDeps['sessions']
  readonly identity: ServiceDeps['identity']
  readonly access: UpstreamDeps['access']
  readonly publicUrl: ServiceDeps['publicUrl']
  readonly hosts: ServiceDeps['hosts']
}

export interface ProxyApi {
  /** Ids of the upstreams, as configured. */
  readonly upstreams: readonly string[]
  /**
   * A service of a feature's own, with all that an upstream has: pool, health, discovery, signing, WebSockets. What is
   * made so is started, replaced at a reload, drained, stopped and measured here. Called in the feature's `create`.
   *
   * @throws if an upstream, or another such service, has the id: metrics and reloads tell them apart by it
   */
  service(options: ServiceOptions): Service
  /** How all of them are now, for administrators. */
  services(): readonly ServiceState[]
  /** Asked by the part whose place this one took. */
  successor(id: string): Successor | undefined
  /** Tokens that Gatehouse signs, for whoever tells a service about a person without forwarding to it. */
  identityTokens(options: IdentityTokenOptions): IdentityTokens
}

export interface ServiceState {
  readonly id: string
  /** Open WebSockets. */
  readonly tunnels: number
  readonly endpoints: readonly EndpointState[]
}

export const proxyModule = defineModule({
  id: 'proxy',
  configKey: 'upstreams',
  config: upstreamsConfig,
  requires: ['storage', 'etcd', 'sessions', 'identity', 'access'],
  create(deps: ProxyDeps, config): HttpPart<ProxyApi> {
    const { metrics } = deps.telemetry
    const identityKeys = createIdentityKeys(deps.storage.keyRing)
    const services: OwnService[] = []
    let hasStarted = false
    let isRetired = false
    measureServices(metrics, services, () => isRetired)
    const serviceDeps = { ...deps, identityKeys, reports: createServiceReports(metrics) }
    const addService = (options: ServiceOptions): Service => {
      const { id } = options
      if (hasStarted) throw new Error(`the service ${id} is made too late: the proxy has started`)
      if (services.some((service) => service.id === id)) {
        throw new Error(`Two services are called ${id}. Give the upstream of this id another one.`)
      }
      const service = createService(options, serviceDeps)
      services.push(service)
      return service
    }
    const mounts = config.map((upstream, index) =>
      createUpstream(upstream, `upstreams[${index}]`, { ...deps, createService: addService }),
    )
    return {
      api: Object.freeze<ProxyApi>({
        service: addService,
        upstreams: mounts.map(({ id }) => id),
        services: () =>
          services.map((service) => ({
            id: service.id,
            tunnels: service.tunnels(),
            endpoints: service.endpoints(),
          })),
        successor: (id) => services.find((service) => service.id === id),
        identityTokens: (options) => createIdentityTokens({ ...deps, identityKeys }, options),
      }),
      routes: [jwksRoute(identityKeys)],
      mounts,
      async start() {
        hasStarted = true
        await Promise.all(services.map((service) => service.start()))
      },
      async retire(next) {
        isRetired = true
        await Promise.all(services.map((service) => service.retire(next.successor(service.id))))
      },
      async drain(deadline) {
        await Promise.all(services.map((service) => service.drain(deadline)))
      },
      async stop() {
        await Promise.all(services.map((service) => service.stop()))
      },
    }
  },
})
