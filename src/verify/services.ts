// Which of the configured services a request belongs to, and what its policy says. By the longest path, whatever
// spelling the proxy or the server behind it may read the path in: where they could differ about the service, nobody gets in.

import { type Access, type CompiledPolicy, otherReadings, type PolicyDecision, type Principal } from '#access'
import type { PublicUrl } from '#http'
import type { VerifiedServiceConfig } from './config.ts'
import { verifyErrors } from './errors.ts'
import type { OriginalRequest } from './original-request.ts'

export interface VerifiedService {
  readonly id: string
  /** What people open, without its path: `https://gate.example.org`. */
  readonly origin: string
  /** Its prefix, for people to come back to. */
  readonly path: string
  decide(original: OriginalRequest, principal: Principal | undefined): PolicyDecision
}

export interface VerifiedServices {
  /** @throws verify.ambiguousTarget */
  find(original: OriginalRequest): VerifiedService | undefined
  /** Of all of them. */
  origins(): readonly string[]
}

export interface VerifiedServicesDeps {
  readonly access: Pick<Access, 'compilePolicy'>
  readonly publicUrl: Pick<PublicUrl, 'origin' | 'isHttps' | 'isOwnHost'>
}

export function createVerifiedServices(
  configs: readonly VerifiedServiceConfig[],
  { access, publicUrl }: VerifiedServicesDeps,
): VerifiedServices {
  const services = configs
    .toSorted((a, b) => b.path.length - a.path.length)
    .map((config) => {
      const policy = access.compilePolicy(config.id, rulesOf(config))
      return { host: config.host, service: createService(config, policy, publicUrl) }
    })

  return Object.freeze({
    origins: () => services.map(({ service }) => service.origin),
    find({ host, target }: OriginalRequest) {
      const isOwn = publicUrl.isOwnHost(host)
      const candidates = services.filter((each) => (each.host === undefined ? isOwn : each.host === host))
      const covering = (path: string) => candidates.find(({ service }) => covers(service.path, path))?.service
      // Caddy and others match paths in any letter case.
      const coveringInAnyCase = (path: string) =>
        candidates.find(({ service }) => covers(service.path.toLowerCase(), path.toLowerCase()))?.service
      const found = covering(target.path)
      if ([target.path, ...otherReadings(target.path)].some((reading) => coveringInAnyCase(reading) !== found)) {
        throw verifyErrors.ambiguousTarget({ reason: 'in another spelling it belongs to another service' })
      }
      return found
    },
  })
}

/** `/grafana` is decided like `/grafana/`: servers take the one for the other. */
const covers = (prefix: string, path: string): boolean => path.startsWith(prefix) || lacksSlash(prefix, path)
const lacksSlash = (prefix: string, path: string): boolean =>
  path.length === prefix.length - 1 && prefix.startsWith(path)

const rulesOf = ({ allow, rules }: VerifiedServiceConfig) => rules ?? (allow === undefined ? [] : [{ allow }])

function createService(
  { id, host, path }: VerifiedServiceConfig,
  policy: CompiledPolicy,
  publicUrl: VerifiedServicesDeps['publicUrl'],
): VerifiedService {
  return Object.freeze({
    id,
    path,
    get origin() {
      return host === undefined ? publicUrl.origin : `${publicUrl.isHttps ? 'https' : 'http'}://${host}`
    },
    decide: ({ method, target }: OriginalRequest, principal: Principal | undefined) =>
      policy.decide(
        { method, path: lacksSlash(path, target.path) ? '/' : target.path.slice(path.length - 1) },
        principal,
      ),
  })
}
