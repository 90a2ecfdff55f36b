// One way to a service: what of the target is cut, how it is signed, what of the client's headers goes on. Puts together
// what carries requests and WebSockets along it. Creating it opens nothing.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Access } from '#access'
import type { AppHosts, PublicUrl, RequestContext } from '#http'
import type { Identities } from '#identity'
import type { Sessions } from '#sessions'
import type { EndpointPool } from './endpoint-pool.ts'
import { createForwarder, type ForwarderOptions } from './forward.ts'
import { createHeaderRules } from './headers.ts'
import type { InsteadBody } from './instead.ts'
import type { Opening } from './live-tunnels.ts'
import { createOutgoing, type OutgoingDraft } from './outgoing.ts'
import type { SignerDeps } from './signer.ts'
import { createSigner, type SignerConfig } from './signers/drivers.ts'
import type { Tunnels } from './tunnels.ts'
import { toPublicLocation, type UpstreamUrl } from './upstream-url.ts'

export interface Lane {
  /**
   * Sends the request on and streams the answer back. Resolves when the answer is complete or the client has left.
   *
   * @param instead sent in place of the client's body, with a length of its own
   * @throws what `upstreamErrors` lists and what the signer throws, while nothing has been answered
   */
  forward(ctx: RequestContext, response: ServerResponse, instead?: InsteadBody): Promise<void>
  /** The same for a WebSocket. Resolves when it is open; what it throws can still be answered on the socket. */
  open(ctx: RequestContext, socket: Duplex, head: Buffer): Promise<void>
}

export interface LaneOptions {
  /** What of the target is cut, as a mount's prefix: `/func/`. */
  readonly prefix: string
  /** The host of its own on which it is shown (`AppHost.name`); absent: the portal. */
  readonly host?: string | undefined
  readonly sign: SignerConfig
  /** Whether the client's own Authorization goes on. */
  readonly forwardAuthorization?: boolean
  /** Cookies that stay here in both directions, beside our own: all whose names begin so. */
  readonly droppedCookies?: readonly string[]
  /**
   * The only headers of the client that go on, lower case; those of a WebSocket handshake too. May hold one that would
   * stay here otherwise, because services believe it of a gateway, where it means something else to this service.
   * Absent: all that do not say who the client is.
   */
  readonly forwardedHeaders?: readonly string[]
  /** The service knows where it is shown: its Locations are passed on as they are. Absent: its own become ours. */
  readonly keepsLocations?: boolean
  /** Slashes that follow the prefix are cut with it, as from `/func//folders`. Absent: they go on. */
  readonly cutsSlashes?: boolean
  /**
   * Whether who opened a WebSocket may still have it; asked after a reload. Absent: as long as their session lasts.
   */
  readonly admits?: (opening: Opening) => boolean
}

export interface LaneDeps extends SignerDeps {
  readonly access: Pick<Access, 'principal'>
  readonly identity: SignerDeps['identity'] & Pick<Identities, 'frontHeaders'>
  readonly sessions: Pick<Sessions, 'cookieNames'>
  readonly publicUrl: Pick<PublicUrl, 'href' | 'host' | 'origin' | 'pathTo'>
  readonly hosts: Pick<AppHosts, 'named'>
}

/** What a lane needs of the service that it leads to. */
export interface LaneEnd extends Omit<ForwarderOptions, 'rules' | 'outgoing' | 'onHead' | 'clock'> {
  readonly pool: EndpointPool
  readonly tunnels: Tunnels
  /** Names the lane among those of a later service of the same id. */
  readonly laneKey: string
  /** Told once how far the service's clock may be away. @returns what is to be told of each answer */
  readonly watchClock: (leewayMs: number) => ForwarderOptions['onHead']
}

export function createLane(options: LaneOptions, end: LaneEnd, deps: LaneDeps): Lane {
  const { prefix, sign, forwardAuthorization = false, droppedCookies = [] } = options
  const { pool, tunnels, laneKey } = end
  const place = placeOf(options, deps)
  const signer = createSigner(sign, deps, { id: end.upstream })
  if (forwardAuthorization && signer.owns.includes('authorization')) {
    throw new Error(`the signer of ${end.upstream} sends an Authorization of its own; only one of the two can go out`)
  }
  const rules = createHeaderRules({
    owned: signer.owns,
    frontHeaders: deps.identity.frontHeaders,
    forwardAuthorization,
    forwardedHeaders: options.forwardedHeaders,
    cookieNames: [...deps.sessions.cookieNames, ...droppedCookies],
    publicPrefix: place.pathTo(prefix),
    isAlone: options.host !== undefined,
    toPublicLocation: (location) =>
      options.keepsLocations === true
        ? location
        : toPublicLocation(
            pool.endpoints.map(({ url }) => url),
            place.pathTo(prefix),
            location,
          ),
  })
  const { cutsSlashes = false } = options
  const draft = createOutgoing({ prefix, cutsSlashes, rules, publicUrl: place })

  /** Signed last, over what goes out. Synchronous unless the signer has to wait. */
  const outgoing = (
    ctx: RequestContext,
    to: UpstreamUrl,
    instead?: InsteadBody,
  ): OutgoingDraft | Promise<OutgoingDraft> => {
    const request = draft(ctx, to, instead)
    const signature = signer.sign(request, ctx)
    if (signature instanceof Promise) return signature.then((headers) => withHeaders(request, headers))
    return withHeaders(request, signature)
  }

  const { leewayMs } = signer
  const onHead = leewayMs === undefined ? undefined : end.watchClock(leewayMs)
  const forwarder = createForwarder({ ...end, rules, outgoing, onHead, clock: deps.clock })
  const way = {
    rules,
    outgoing,
    isOwnOrigin: (origin: string) => origin === place.origin,
    openingOf: (ctx: RequestContext) => ({
      principal: deps.access.principal(ctx),
      path: ctx.target.path.slice(prefix.length - 1),
      lane: laneKey,
    }),
  }
  return Object.freeze({
    forward: forwarder.forward,
    open: (ctx: RequestContext, socket: Duplex, head: Buffer) => tunnels.open(way, ctx, socket, head),
  })
}

/** Where people reach it: the portal, or a host of its own, which has no base path. */
function placeOf(
  { host }: Pick<LaneOptions, 'host'>,
  { hosts, publicUrl }: LaneDeps,
): Pick<PublicUrl, 'host' | 'origin' | 'pathTo'> {
  if (host === undefined) return publicUrl
  const appHost = hosts.named(host)
  if (appHost === undefined) throw new Error(`server.hosts has no ${host}`)
  return { host: appHost.host, origin: appHost.origin, pathTo: (path) => path }
}

function withHeaders(request: OutgoingDraft, headers: readonly string[]): OutgoingDraft {
  for (const text of headers) request.headers.push(text)
  return request
}
