// `storage.keyValue` of type redis: where Redis is (one server, Sentinel or Cluster), and how a node proves who it is.

import { z } from 'zod'
import { secretRef } from '#config'
import { storeTlsSchema } from '../tls-config.ts'

const port = (usual: number) => z.int().min(1).max(65_535).default(usual)

const nodes = (usualPort: number, example: string) =>
  z
    .array(
      z
        .string()
        .refine((text) => toAddress(text, usualPort) !== undefined, { error: 'a server is HOST or HOST:PORT' })
        .transform((text) => toAddress(text, usualPort) ?? z.NEVER),
    )
    .min(1, { error: 'name at least one' })
    .meta({ examples: [[example]] })

const tls = z
  .union([
    z.boolean(),
    storeTlsSchema({
      serverName: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The name that every server’s certificate bears, where it is not the name or address that it is reached at.',
        ),
    }),
  ])
  .meta({ examples: [true, { ca: '/etc/ssl/redis-ca.pem' }] })

const sentinel = z
  .strictObject({
    primary: z
      .string()
      .min(1)
      .describe('What the Sentinels call the primary.')
      .meta({ examples: ['mymaster'] }),
    nodes: nodes(26_379, 'sentinel-1:26379').describe(
      'All Sentinels. What a node remembers is believed only while more than half of these confirm the primary.',
    ),
    user: z.string().min(1).optional().describe('User at the Sentinels, if they ask for one.'),
    password: secretRef().optional().describe('Password at the Sentinels, if they ask for one; not that of Redis.'),
    tls: tls.optional().describe('TLS to the Sentinels. By default as to Redis.'),
  })
  .meta({ title: 'Sentinel' })

const cluster = z
  .strictObject({
    nodes: nodes(6379, 'redis-1:6379').describe('Some servers of the cluster; the others are found through them.'),
  })
  .meta({ title: 'Cluster' })

export const redisConfig = z
  .strictObject({
    type: z.literal('redis'),
    url: z
      .url({ protocol: /^rediss?$/, error: 'an address is redis://HOST:PORT/DATABASE, or rediss:// for TLS' })
      .check(({ value, issues }) => {
        const message = URL.canParse(value) ? whyNot(new URL(value)) : undefined
        if (message !== undefined) issues.push({ code: 'custom', message, input: value })
      })
      .optional()
      .describe('Where Redis (6 or later) is, in one line; `rediss://` encrypts. Instead of `host`.')
      .meta({ examples: ['redis://redis:6379/0'] }),
    host: z.string().min(1).optional().describe('Name or address of the server. Instead of `url`.'),
    port: port(6379).describe('Port of the server, with `host`.'),
    database: z.int().min(0).max(65_535).optional().describe('Number of the database; by default 0.'),
    sentinel: sentinel.optional().describe('Redis with a primary that Sentinels choose. Instead of `url` and `host`.'),
    cluster: cluster.optional().describe('A Redis Cluster. Instead of `url` and `host`.'),
    user: z.string().min(1).optional().describe('User in Redis (ACL); by default Redis’s own default user.'),
    password: secretRef().optional().describe('Password in Redis. Needed unless Redis is on this machine.'),
    dangerouslyNoPassword: z
      .boolean()
      .default(false)
      .describe(
        'Redis on another machine without a password: whoever reaches it can end and forge what is kept there.',
      ),
    tls: tls.default(false).describe('Whether to encrypt; the server’s certificate and name are checked then.'),
    prefix: z
      .string()
      .max(64)
      .default('')
      .describe('Put before every key, for several gateways in one Redis database.')
      .meta({ examples: ['gate-a:'] }),
  })
  .superRefine((config, context) => {
    for (const { path, message, fix } of findFaults(config)) {
      context.addIssue({ code: 'custom', path: [path], message, params: { fix } })
    }
  })
  .meta({ title: 'Redis, for several machines' })

export type RedisConfig = z.output<typeof redisConfig>
export type RedisTls = z.output<typeof tls>

export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** Where a single Redis is, however it was written down. */
export function toSingleAddress({ url, host = 'localhost', port }: RedisConfig): RedisAddress {
  if (url === undefined) return { host, port }
  const { hostname, port: written } = new URL(url)
  return { host: withoutBrackets(hostname), port: Number(written || 6379) }
}

/** What to say to Redis: who we are, which database, and whether in secret. */
export function toRedisLogin({ url, user, password, tls, database }: RedisConfig) {
  const parsed = url === undefined ? undefined : new URL(url)
  const named = parsed?.username ? decodeURIComponent(parsed.username) : undefined
  return {
    user: user ?? named,
    password,
    tls: tls === false && parsed?.protocol === 'rediss:' ? true : tls,
    database: database ?? Number(parsed?.pathname.slice(1) || 0),
  }
}

interface Fault {
  readonly path: string
  readonly message: string
  readonly fix: string
}

function findFaults(config: RedisConfig): readonly Fault[] {
  const { url, host, sentinel, cluster, password, tls } = config
  const faults: Fault[] = []
  const places = Object.entries({ url, host, sentinel, cluster }).flatMap(([key, value]) => (value ? [key] : []))
  if (places.length !== 1) {
    const message = places.length === 0 ? 'it is not said where Redis is' : `Redis is named ${places.length} times`
    faults.push({ path: places[1] ?? 'url', message, fix: 'write one of url, host, sentinel, cluster' })
    return faults
  }
  if (cluster !== undefined && (config.database ?? 0) !== 0) {
    faults.push({ path: 'database', message: 'a cluster has database 0 only', fix: 'use `prefix` to share it' })
  }
  const named = url === undefined ? undefined : new URL(url)
  if (named?.username && config.user !== undefined) {
    faults.push({ path: 'user', message: 'the user is named twice', fix: 'take it out of the address' })
  }
  if (named && named.pathname.length > 1 && config.database !== undefined) {
    faults.push({ path: 'database', message: 'the database is named twice', fix: 'take it out of the address' })
  }
  const hosts = (sentinel ?? cluster)?.nodes.map((node) => node.host) ?? [toSingleAddress(config).host]
  const showsCertificate = typeof tls === 'object' && tls.certificate !== undefined
  if (!config.dangerouslyNoPassword && password === undefined && !showsCertificate && !hosts.every(isThisMachine)) {
    faults.push({
      path: 'password',
      message: 'Redis on another machine needs a password: whoever reaches it could end and forge what is kept there',
      fix: 'set `requirepass` (or a user) in Redis and write password: { file: PATH }, or set dangerouslyNoPassword',
    })
  }
  return faults
}

function whyNot({ password, search, hash, pathname, username }: URL): string | undefined {
  if (password !== '') return 'the password is not written into the address; use `password`'
  if (search !== '' || hash !== '') return 'the address ends with the number of the database'
  if (!/^\/?\d{0,5}$/.test(pathname)) return 'after the slash comes the number of a database'
  return isDecodable(username) ? undefined : 'a % in the address does not begin an escape of UTF-8'
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function toAddress(text: string, usualPort: number): RedisAddress | undefined {
  const [, host = '', written = String(usualPort)] =
    /^(\[[0-9A-Fa-f:.]+\]|[^:[\]\s/@]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = Number(written)
  return host === '' || port < 1 || port > 65_535 ? undefined : { host: withoutBrackets(host), port }
}

const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '')

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
