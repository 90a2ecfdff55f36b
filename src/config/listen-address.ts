// Where a server listens: `host:port`, `:port` (every address), `unix:/path`, or `systemd` (the socket it was handed).

import { z } from 'zod'

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'systemd' }

/** A schema for a listening address. */
export type ListenAddressSchema = z.ZodPipe<z.ZodString, z.ZodTransform<ListenAddress, string>>

/**
 * A listening address in the configuration.
 *
 * @param initial the default, as an operator would write it
 * @example
 * listen: listenAddress('0.0.0.0:8080').describe('Where the gateway answers.')
 */
export function listenAddress(initial?: undefined): ListenAddressSchema
export function listenAddress(initial: string): z.ZodPrefault<ListenAddressSchema>
export function listenAddress(initial?: string): ListenAddressSchema | z.ZodPrefault<ListenAddressSchema> {
  const schema = z
    .string({ error: 'an address to listen on is text such as 0.0.0.0:8080' })
    .transform((text, context): ListenAddress => {
      const address = parseListenAddress(text)
      if (address) return address
      const message = 'an address to listen on is HOST:PORT, :PORT, [IPV6]:PORT, unix:/PATH or systemd'
      context.addIssue({ code: 'custom', message, input: text })
      return z.NEVER
    })
    .meta({ 'x-type': 'address', examples: ['0.0.0.0:8080', 'unix:/run/gatehouse.sock'] })
  return initial === undefined ? schema : schema.prefault(initial)
}

/** The parts of an address, or undefined if the text is none. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text === 'systemd') return { kind: 'systemd' }
  if (text.startsWith('unix:')) return parseUnixPath(text.slice('unix:'.length))
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) return undefined
  return { kind: 'tcp', host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

/** The address as an operator would write it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'systemd') return 'systemd'
  if (address.kind === 'unix') return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

const parseUnixPath = (path: string): ListenAddress | undefined =>
  path.startsWith('/') && !path.includes('\0') ? { kind: 'unix', path } : undefined
