// What must hold between the portal's address and the hosts of their own, so that no browser mixes them up.

import { isLoopback } from './loopback.ts'

export interface HostedServer {
  readonly url?: string | undefined
  readonly hosts: readonly string[]
  readonly dangerouslyPlainCookie: boolean
}

export interface HostFault {
  readonly path: readonly (string | number)[]
  readonly why: string
  readonly fix: string
}

/** Everything that is wrong with `server.hosts`; empty if nothing is. Entries that are no origins are told of elsewhere. */
export function findHostFaults({ url, hosts, dangerouslyPlainCookie }: HostedServer): readonly HostFault[] {
  const at = (index: number) => ['hosts', index] as const
  if (hosts.length === 0) return []
  if (url === undefined) {
    return [
      { path: ['hosts'], why: 'hosts lead to the portal and back, which needs its address', fix: 'set server.url' },
    ]
  }
  if (dangerouslyPlainCookie) {
    const why = 'a script on a host could set a plain session cookie for the portal as well'
    return [{ path: ['hosts'], why, fix: 'serve https, and remove server.dangerouslyPlainCookie' }]
  }
  const portal = new URL(url)
  const names = new Set([portal.hostname])
  return hosts.flatMap((text, index): readonly HostFault[] => {
    if (!URL.canParse(text)) return []
    const { hostname, protocol } = new URL(text)
    const isTaken = names.has(hostname)
    names.add(hostname)
    // Cookies know no ports: two addresses on one name would share the session.
    if (isTaken) {
      const why = `${hostname} is taken, and browsers send cookies to every port of a name`
      return [{ path: at(index), why, fix: 'give each host a name of its own' }]
    }
    if (hostname.endsWith('.')) {
      return [
        { path: at(index), why: 'browsers take a name with a dot at its end for another one', fix: 'leave it out' },
      ]
    }
    if (protocol !== portal.protocol) {
      return [{ path: at(index), why: `the portal has ${portal.protocol}//`, fix: 'use the same scheme for both' }]
    }
    if (protocol === 'http:' && !isLoopback(hostname)) {
      return [{ path: at(index), why: 'browsers keep secure cookies only on https', fix: 'use an https URL' }]
    }
    return []
  })
}
