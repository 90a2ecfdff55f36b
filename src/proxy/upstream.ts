// One service behind the door: puts together where it is, who may, how it is signed for, and the two ways through
// (requests and WebSockets). Creating it opens nothing.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Access } from '#access'
import type { AppHosts, Mount, PublicUrl, RequestContext } from '#http'
import type { Sessions } from '#sessions'
import { type UpstreamConfig, upstreamId } from './config.ts'
import type { ExchangeFailure } from './exchange.ts'
import { createForwarder, type Forwarder } from './forward.ts'
import { createHeaderRules } from './headers.ts'
import { createOutgoing, type OutgoingDraft } from './outgoing.ts'
import type { SignerDeps } from './signer.ts'
import { createSigner, credentialNeed } from './signers/drivers.ts'
import { createTunnels, type Tunnels } from './tunnels.ts'
import { parseUpstreamUrl, toPublicLocation } from './upstream-url.ts'

export interface Upstream {
  readonly id: string
  readonly mount: Mount
  readonly forwarder: Forwarder
  readonly tunnels: Tunnels
}

export interface UpstreamDeps extends SignerDeps {
  readonly access: Pick<Access, 'principal' | 'compilePolicy' | 'authorizeBy'>
  readonly sessions: Pick<Sessions, 'watch' | 'current' | 'cookieNames'>
  readonly publicUrl: Pick<PublicUrl, 'href' | 'host' | 'origin' | 'pathTo'>
  readonly hosts: Pick<AppHosts, 'named'>
  readonly onFailure: (upstream: string, failure: ExchangeFailure) => void
}

export function createUpstream(config: UpstreamConfig, deps: UpstreamDeps): Upstream {
  const { access, clock, sessions } = deps
  const id = upstreamId(config)
  const prefix = config.path
  const place = placeOf(config, deps)
  const url = parseUpstreamUrl(config.to)
  const signer = createSigner(config.sign, deps, { id })
  const rules = createHeaderRules({
    owned: signer.owns,
    forwardAuthorization: config.forwardAuthorization,
    cookieNames: sessions.cookieNames,
    publicPrefix: place.pathTo(prefix),
    isAlone: config.host !== undefined,
    toPublicLocation: (location) => toPublicLocation(url, place.pathTo(prefix), location),
  })
  const draft = createOutgoing({ url, prefix, rules, publicUrl: place })

  /** Signed last, over what goes out. Synchronous unless the signer has to wait. */
  const outgoing = (ctx: RequestContext): OutgoingDraft | Promise<OutgoingDraft> => {
    const request = draft(ctx)
    const signature = signer.sign(request, ctx)
    if (signature instanceof Promise) return signature.then((headers) => withHeaders(request, headers))
    return withHeaders(request, signature)
  }

  const onFailure = (failure: ExchangeFailure) => deps.onFailure(id, failure)
  const forwarder = createForwarder({ upstream: id, url, rules, limits: config, clock, onFailure })
  const tunnels = createTunnels({ upstream: id, url, config, rules, outgoing, sessions, publicUrl: place, clock })
  const policy = access.compilePolicy(id, rulesOf(config))

  const serve = (ctx: RequestContext, response: ServerResponse): Promise<void> => {
    try {
      const request = outgoing(ctx)
      if (request instanceof Promise) return request.then((ready) => forwarder.forward(ctx, response, ready))
      return forwarder.forward(ctx, response, request)
    } catch (error) {
      return Promise.reject(error)
    }
  }

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
    serve,
    upgrade: (ctx: RequestContext, socket: Duplex, head: Buffer) => tunnels.open(ctx, socket, head),
    rates: config.rates,
    webSocketOrigins: config.webSockets.origins,
  })
  return Object.freeze({ id, mount, forwarder, tunnels })
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
