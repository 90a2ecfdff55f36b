// Where the original keeps its sessions, as `storage.keyValue` and `backendAi.sharedRedis` say it. The password goes into
// a file of its own.

import { Secret } from '#kernel'
import type { Original, Path } from './original.ts'
import { group, type Setting, setting } from './setting.ts'
import type { TomlValue } from './toml-source.ts'

export interface Redis {
  /** Without `type` and `prefix`. */
  readonly settings: readonly Setting[]
  readonly password: Secret | undefined
}

/** Beside the file that is written. */
export const REDIS_PASSWORD_FILE = 'redis-password'

/** Undefined where the file names no Redis. */
export function readRedis(original: Original): Redis | undefined {
  const base = baseOf(original)
  const nodes = readSentinels(original, base)
  const address = nodes === undefined ? readAddress(original, `${base}.addr`) : undefined
  const places = nodes ?? (address === undefined ? [] : [address])
  const password = original.text(`${base}.password`) || undefined
  const tls = readTls(original, base)
  const primary = nodes && readPrimary(original, base)
  if (places.length === 0) return undefined
  const isOpen = password === undefined && !places.every(({ host }) => LOOPBACK.test(host))
  if (isOpen)
    original.warn(base, 'Redis on another machine has no password: whoever reaches it can end and forge logins')
  return {
    password: password === undefined ? undefined : new Secret(password),
    settings: [
      ...setting('host', address?.host),
      ...setting('port', address?.port),
      ...group('sentinel', [...setting('primary', primary), ...setting('nodes', nodes?.map(formatAddress))]),
      ...(password === undefined ? [] : group('password', setting('file', REDIS_PASSWORD_FILE))),
      ...setting('dangerouslyNoPassword', isOpen || undefined, 'As the original does. Give Redis a password.'),
      ...tls,
    ],
  }
}

/** What a role has of its own stands in the place of the whole. */
function baseOf(original: Original): Path {
  const own = 'session.redis.override_configs.statistics'
  if (!original.has(own)) return 'session.redis'
  original.warn(own, 'it stood in the place of the other settings of [session.redis], and does so here')
  return own
}

function readSentinels(original: Original, base: Path): readonly Address[] | undefined {
  const path = `${base}.sentinel`
  const value = original.value(path)
  const isEmpty = value === undefined || (value.kind === 'text' && value.value === '')
  if (isEmpty) return undefined
  if (original.has(`${base}.addr`)) {
    original.value(`${base}.addr`)
    original.warn(`${base}.addr`, 'with Sentinels it had no effect; they say where Redis is')
  }
  const items = value.kind === 'list' ? value.items : toPieces(value)
  const nodes = items.map((item) => toAddress(item))
  if (nodes.length > 0 && nodes.every((node) => node !== undefined)) return nodes
  return original.refuse(path, 'it is not a list of HOST:PORT', 'write sentinel = "sentinel-1:26379,sentinel-2:26379"')
}

const toPieces = (value: TomlValue): readonly TomlValue[] =>
  value.kind === 'text'
    ? String(value.value)
        .split(',')
        .map((piece) => ({ ...value, value: piece }))
    : [value]

function readPrimary(original: Original, base: Path): string | undefined {
  const name = original.text(`${base}.service_name`)
  if (name) return name
  const path = original.has(`${base}.service_name`) ? `${base}.service_name` : `${base}.sentinel`
  return original.refuse(path, 'Sentinels are asked for a primary by its name', 'write service_name = "mymaster"')
}

function readAddress(original: Original, path: Path): Address | undefined {
  const value = original.value(path)
  if (value === undefined) return undefined
  const address = toAddress(value)
  return address ?? original.refuse(path, 'it is not HOST:PORT', 'write addr = "redis:6379"')
}

interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, or a table of the two. */
function toAddress(value: TomlValue): Address | undefined {
  const [host, port] =
    value.kind === 'table'
      ? [value.entries.get('host')?.value, value.entries.get('port')?.value].map((part) =>
          part?.kind === 'text' || part?.kind === 'number' ? String(part.value) : undefined,
        )
      : splitAddress(value)
  if (host === undefined || !HOST.test(host) || !/^\d{1,5}$/.test(port ?? '')) return undefined
  const number = Number(port)
  return number >= 1 && number <= 65_535 ? { host, port: number } : undefined
}

function splitAddress(value: TomlValue): readonly (string | undefined)[] {
  const text = value.kind === 'text' ? String(value.value).trim() : ''
  const [, inBrackets, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? []
  return [inBrackets ?? plain, port]
}

const HOST = /^[\w.:-]+$/
const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/

const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

function readTls(original: Original, base: Path): readonly Setting[] {
  if (original.flag(`${base}.use_tls`) !== true) return []
  if (original.flag(`${base}.tls_skip_verify`) !== true) return setting('tls', true)
  original.warn(`${base}.tls_skip_verify`, 'whoever answers at the address of Redis is believed')
  return group(
    'tls',
    setting('dangerouslyAcceptAnyCertificate', true, 'As the original does. Name the authority with `ca` instead.'),
  )
}
