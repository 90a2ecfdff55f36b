// What must fit between upstreams and the hosts of their own, where no section of the configuration can see it alone.

import { suggest } from '#config'
import type { ServerConfig } from '#http'
import { type UpstreamConfig, upstreamId } from '#proxy'
import type { VerifyConfig } from '#verify'

export interface HostDisagreement {
  readonly path: readonly (string | number)[]
  readonly why: string
  readonly fix: string
}

export interface HostAgreementSlices {
  readonly upstreams: readonly UpstreamConfig[]
  readonly server: Pick<ServerConfig, 'hosts'>
  readonly verify: Pick<VerifyConfig, 'services'>
}

export function findHostDisagreements({ upstreams, server, verify }: HostAgreementSlices): readonly HostDisagreement[] {
  const names = server.hosts.flatMap((origin) => (URL.canParse(origin) ? [new URL(origin).hostname] : []))
  return upstreams.flatMap((upstream, index): readonly HostDisagreement[] => {
    const { host } = upstream
    if (host !== undefined && !names.includes(host)) {
      return [{ path: ['upstreams', index, 'host'], why: `server.hosts has no "${host}"`, fix: fixFor(host, names) }]
    }
    const neighbour = upstreams.find((other) => host !== undefined && other.host === host && other !== upstream)
    if (upstream.trust === 'none' && neighbour !== undefined) {
      const why = `the upstream ${upstreamId(neighbour)} is on the same host, and so are its cookies and its pages`
      return [{ path: ['upstreams', index, 'host'], why, fix: 'give what is not trusted a host to itself' }]
    }
    const audience = audienceOf(upstream)
    const listener =
      upstreams.find((other) => other !== upstream && audienceOf(other) === audience) ??
      verify.services.find(({ id }) => id === audience)
    if (upstream.trust === 'none' && audience !== undefined && listener !== undefined) {
      const name = 'to' in listener ? `upstream ${upstreamId(listener)}` : `service ${listener.id} of verify`
      const why = `tokens for it would be accepted by the ${name}, which has the same audience`
      return [{ path: ['upstreams', index, 'sign'], why, fix: 'give it an audience of its own, or leave it out' }]
    }
    return []
  })
}

const audienceOf = (upstream: UpstreamConfig): string | undefined =>
  upstream.sign.type === 'identity-jwt' ? (upstream.sign.audience ?? upstreamId(upstream)) : undefined

function fixFor(host: string, names: readonly string[]): string {
  const meant = suggest(host, names)
  return meant === undefined ? `add https://${host} to server.hosts` : `did you mean "${meant}"?`
}
