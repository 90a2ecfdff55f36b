// An upstream of the configuration: a service, one lane to it, and who may use it, hung on the door as a mount.

import type { Access, PolicyRule } from '#access'
import type { Mount } from '#http'
import { type UpstreamConfig, upstreamId } from './config.ts'
import type { Service, ServiceOptions } from './service.ts'
import { credentialNeed } from './signers/drivers.ts'

export interface UpstreamDeps {
  readonly access: Pick<Access, 'principal' | 'compilePolicy' | 'authorizeBy'>
  readonly createService: (options: ServiceOptions) => Service
}

/** @param place where it stands in the configuration: `upstreams[0]` */
export function createUpstream(config: UpstreamConfig, place: string, { access, createService }: UpstreamDeps): Mount {
  const id = upstreamId(config)
  const { path: prefix, host, sign, forwardAuthorization, title, description } = config
  const policy = access.compilePolicy(id, rulesOf(config, place))
  const lane = createService({ id, config }).lane({
    prefix,
    host,
    sign,
    forwardAuthorization,
    admits: ({ principal, path }) => policy.decide({ method: 'GET', path }, principal).allow,
  })
  const need = credentialNeed(sign)
  return Object.freeze<Mount>({
    id,
    prefix,
    routeClass: 'proxied',
    authorize: access.authorizeBy(policy, prefix),
    mayOpen: (ctx, path = '/') => policy.decide({ method: 'GET', path }, access.principal(ctx)),
    ...(host !== undefined && { host }),
    credentials: need === undefined ? [] : [need.provider],
    ...(title !== undefined && { card: { title, ...(description !== undefined && { description }) } }),
    serve: lane.forward,
    upgrade: lane.open,
    rates: config.rates,
    webSocketOrigins: config.webSockets.origins,
  })
}

const rulesOf = ({ allow, rules }: UpstreamConfig, place: string): readonly PolicyRule[] =>
  rules?.map((rule, index) => ({ ...rule, place: `${place}.rules[${index}]` })) ??
  (allow === undefined ? [] : [{ allow, place: `${place}.allow` }])
