// Hosts of their own for services that are not to share the portal's origin (`server.hosts`). The Host header is looked
// up here once per request, before anything else is decided; what is not on the list, letter for letter, is no host of ours.

export interface AppHost {
  /** `app.example.org`: what an upstream's `host` names. */
  readonly name: string
  /** Lower case, with the port unless it is the scheme's own. */
  readonly host: string
  /** As browsers write it in Origin. */
  readonly origin: string
}

export interface AppHosts {
  readonly all: readonly AppHost[]
  /** The host that a Host header means. Letter case does not count, and the scheme's own port may be spelled out. */
  find(hostHeader: string | undefined): AppHost | undefined
  /** By its name. */
  named(name: string): AppHost | undefined
}

/** The one path that is ours on each of these hosts: where people arrive from the portal with a ticket. */
export const ARRIVAL_PATH = '/auth/arrive'

/** @param origins as configured: each with a host name of its own. */
export function createAppHosts(origins: readonly string[]): AppHosts {
  const all = origins.map(toAppHost)
  const byName = new Map(all.map((host) => [host.name, host]))
  const byHeader = new Map(all.flatMap((host) => spellingsOf(host).map((spelling) => [spelling, host] as const)))
  return Object.freeze({
    all: Object.freeze(all),
    find: (hostHeader: string | undefined) =>
      hostHeader === undefined ? undefined : (byHeader.get(hostHeader) ?? byHeader.get(hostHeader.toLowerCase())),
    named: (name: string) => byName.get(name),
  })
}

function toAppHost(configured: string): AppHost {
  const { hostname, host, origin } = new URL(configured)
  return Object.freeze({ name: hostname, host, origin })
}

const spellingsOf = ({ name, host, origin }: AppHost): readonly string[] =>
  host === name ? [host, `${host}${origin.startsWith('https:') ? ':443' : ':80'}`] : [host]
