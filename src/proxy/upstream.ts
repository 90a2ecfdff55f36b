// One service behind the door: puts together where it is, who may, how it is signed for, and the two ways through
// (requests and WebSockets). Creating it opens nothing.

import type { Duplex } from 'node:stream'
import type { Access } from '#access'
import type { Etcd } from '#etcd'
import type { AppHosts, Mount, PublicUrl, RequestContext } from '#http'
import type { Identities } from '#identity'
import type { Sessions } from '#sessions'
import type { Counter, Logger } from '#telemetry'
import { type ClockWatch, createClockWatch } from './clock-watch.ts'
import { type UpstreamConfig, upstreamId } from './config.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { createEndpointPool, type EndpointPool } from './endpoint-pool.ts'
import type { ExchangeFailure } from './exchange.ts'
import { createForwarder } from './forward.ts'
import { createHeaderRules } from './headers.ts'
import type { Opening } from './live-tunnels.ts'
import { createOutgoing, type OutgoingDraft } from './outgoing.ts'
import type { SignerDeps } from './signer.ts'
import { createSigner, credentialNeed } from './signers/drivers.ts'
import { createTunnels, type Tunnels } from './tunnels.ts'
import { toPublicLocation, type UpstreamUrl } from './upstream-url.ts'

export interface Upstream {
  readonly id: string
  readonly mount: Mount
  readonly pool: EndpointPool
  readonly discovery: Discovery | undefined
  /** Where what is signed depends on the time. */
  readonly clockWatch: ClockWatch | undefined
  readonly tunnels: Tunnels
  /** What it is, whoever may use it: as long as this is the same, a WebSocket that is open stays right. */
  readonly service: string
  /** Whether who opened a WebSocket may still have it. */
  admits(opening: Opening): boolean
}

export interface UpstreamDeps extends SignerDeps {
  readonly identity: SignerDeps['identity'] & Pick<Identities, 'keepLogin'>
  readonly access: Pick<Access, 'principal' | 'compilePolicy' | 'authorizeBy'>
  readonly sessions: Pick<Sessions, 'watch' | 'current' | 'cookieNames'>
  readonly publicUrl: Pick<PublicUrl, 'href' | 'host' | 'origin' | 'pathTo'>
  readonly telemetry: { readonly log: Logger }
  readonly etcd: Etcd
  readonly hosts: Pick<AppHosts, 'named'>
  readonly onFailure: (upstream: string, failure: ExchangeFailure) => void
  /** Told of each request that is sent once more. */
  readonly onRepeat: (upstream: string) => void
  /** By `upstream`, `endpoint` and `code`. */
  readonly endpointFailures: Counter
}

export function createUpstream(config: UpstreamConfig, deps: UpstreamDeps): Upstream {
  const { access, clock, sessions, telemetry } = deps
  const id = upstreamId(config)
  const prefix = config.path
  const pool = createEndpointPool({ upstream: id, config, clock, log: telemetry.log, failures: deps.endpointFailures })
  const discovery = createDiscovery({ upstream: id, config, pool, etcd: deps.etcd, log: telemetry.log })
  const place = placeOf(config, deps)
  const signer = createSigner(config.sign, deps, { id })
  const { leewayMs } = signer
  const clockWatch =
    leewayMs === undefined ? undefined : createClockWatch({ upstream: id, clock, leewayMs, log: telemetry.log })
  const rules = createHeaderRules({
    owned: signer.owns,
    forwardAuthorization: config.forwardAuthorization,
    cookieNames: sessions.cookieNames,
    publicPrefix: place.pathTo(prefix),
    isAlone: config.host !== undefined,
    toPublicLocation: (location) =>
      toPublicLocation(
        pool.endpoints.map(({ url }) => url),
        place.pathTo(prefix),
        location,
      ),
  })
  const draft = createOutgoing({ prefix, rules, publicUrl: place })

  /** Signed last, over what goes out. Synchronous unless the signer has to wait. */
  const outgoing = (ctx: RequestContext, to: UpstreamUrl): OutgoingDraft | Promise<OutgoingDraft> => {
    const request = draft(ctx, to)
    const signature = signer.sign(request, ctx)
    if (signature instanceof Promise) return signature.then((headers) => withHeaders(request, headers))
    return withHeaders(request, signature)
  }

  const onRepeat = () => deps.onRepeat(id)
  const forwarder = createForwarder({
    upstream: id,
    pool,
    rules,
    idleMs: config.timeouts.idle,
    bodyBytes: config.bodyBytes,
    outgoing,
    onHead: clockWatch?.heard,
    onFailure: (failure) => deps.onFailure(id, failure),
    onRepeat,
  })
  const tunnels = createTunnels({
    upstream: id,
    pool,
    config,
    rules,
    outgoing,
    openingOf: (ctx) => ({ principal: access.principal(ctx), path: ctx.target.path.slice(prefix.length - 1) }),
    onRepeat,
    sessions,
    identity: deps.identity,
    publicUrl: place,
    clock,
  })
  const policy = access.compilePolicy(id, rulesOf(config))

  const { title, description } = config
  const need = credentialNeed(config.sign)
  const mount: Mount = Object.freeze({
    id,
    prefix,
    routeClass: 'proxied',
    authorize: access.authorizeBy(policy, prefix),
    mayOpen: (ctx, path = '/') => policy.decide({ method: 'GET', path }, access.principal(ctx)),
    ...(config.host !== undefined && { host: config.host }),
    credentials: need === undefined ? [] : [need.provider],
    ...(title !== undefined && { card: { title, ...(description !== undefined && { description }) } }),
    serve: forwarder.forward,
    upgrade: (ctx: RequestContext, socket: Duplex, head: Buffer) => tunnels.open(ctx, socket, head),
    rates: config.rates,
    webSocketOrigins: config.webSockets.origins,
  })
  return Object.freeze({
    id,
    mount,
    pool,
    discovery,
    clockWatch,
    tunnels,
    service: JSON.stringify([config.path, config.host, config.to, config.discover, config.sign]),
    admits: ({ principal, path }: Opening) => policy.decide({ method: 'GET', path }, principal).allow,
  })
}

/** Where people reach it: the portal, or a host of its own, which has no base path. */
function placeOf(
  { host }: UpstreamConfig,
  { hosts, publicUrl }: UpstreamDeps,
): Pick<PublicUrl, 'host' | 'origin' | 'pathTo'> {
  if (host === undefined) return publicUrl
  const appHost = hosts.named(host)
  if (appHost === undefined) throw new Error(`server.hosts has no ${host}`)
  return { host: appHost.host, origin: appHost.origin, pathTo: (path) => path }
}

const rulesOf = ({ allow, rules }: UpstreamConfig) => rules ?? (allow === undefined ? [] : [{ allow }])

function withHeaders(request: OutgoingDraft, headers: readonly string[]): OutgoingDraft {
  for (const text of headers) request.headers.push(text)
  return request
}
