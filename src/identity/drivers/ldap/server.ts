// The address of an LDAP server (RFC 4516, the part before any name).

import { isIP } from 'node:net'

export interface LdapServer {
  readonly isTls: boolean
  readonly host: string
  readonly port: number
  /** For the name in TLS; addresses are not said there (RFC 6066 §3). */
  readonly servername?: string
}

export function parseServer(text: string): LdapServer | undefined {
  const [, scheme, name = '', port] =
    /^(ldaps?):\/\/([^/?#@:[\]\s]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?\/?$/.exec(text) ?? []
  if (scheme === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined
  const host = name.replace(/^\[|\]$/g, '')
  if (name.startsWith('[') && isIP(host) !== 6) return undefined
  const isTls = scheme === 'ldaps'
  return { isTls, host, port: Number(port ?? (isTls ? 636 : 389)), ...(isIP(host) === 0 && { servername: host }) }
}

/** Whether what is said to it cannot be read on the way. */
export function isSafeServer(text: string): boolean {
  const { isTls, host = '' } = parseServer(text) ?? {}
  return (
    isTls === true ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(host)
  )
}
