// The databases of `storage.sql`: which kinds there are, and how those on a server are reached.

import { isIP } from 'node:net'
import { z } from 'zod'
import { secretRef } from '#config'
import { storeTlsSchema } from '../tls-config.ts'

const sqlite = z.strictObject({ type: z.literal('sqlite') }).meta({ title: 'SQLite, one file in the data folder' })

const memory = z
  .strictObject({ type: z.literal('memory') })
  .meta({ title: 'In memory: gone when the process ends. For tests.' })

const tls = z
  .union([z.boolean(), storeTlsSchema({})])
  .prefault(false)
  .describe('Whether to encrypt the connection; the server’s certificate and name are checked then.')
  .meta({ examples: [true, { ca: '/etc/ssl/database-ca.pem' }] })

interface ServerKind {
  readonly protocol: RegExp
  /** As somebody would write it. */
  readonly example: string
  readonly port: number
}

const ours = (description: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`${description} By default \`gatehouse\`.`)
    .meta({ examples: ['gatehouse'] })

const server = ({ protocol, example, port }: ServerKind) => ({
  url: z
    .url({ protocol, error: `an address is ${example}` })
    .check(({ value, issues }) => {
      const message = URL.canParse(value) ? whyNot(new URL(value)) : undefined
      if (message !== undefined) issues.push({ code: 'custom', message, input: value })
    })
    .optional()
    .describe('Where the database is, and as whom, in one line; instead of `host`, `port`, `database` and `user`.')
    .meta({ examples: [example] }),
  host: z
    .string()
    .min(1)
    .optional()
    .describe('Name or address of the server, or the path of its socket. By default `localhost`.')
    .meta({ examples: ['db.example.org'] }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe(`Port of the server. By default ${port}.`)
    .meta({ examples: [port] }),
  database: ours('Name of the database.'),
  user: ours('User that owns the tables.'),
  password: secretRef().optional().describe('Password of the user, if the server asks for one.'),
  tls,
  maxConnections: z.int().min(2).max(100).default(10).describe('Connections that one process opens at most.'),
})

function whyNot({ username, password, search, hash, pathname }: URL): string | undefined {
  if (!isDecodable(username) || !isDecodable(pathname)) return 'a % in the address does not begin an escape of UTF-8'
  if (password !== '') return 'the password is not written into the address; use `password`'
  if (search !== '' || hash !== '') return 'the address ends with the name of the database; TLS is set with `tls`'
  return pathname.indexOf('/', 1) > 0 ? 'the name of a database has no slash' : undefined
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

interface Named {
  readonly url?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly user?: string | undefined
}

const isNamedOnce = ({ url, ...parts }: Named): boolean =>
  url === undefined || [parts.host, parts.port, parts.database, parts.user].every((part) => part === undefined)

const namedOnce = {
  path: ['url'],
  error: 'the database is named twice: by `url`, and by `host`, `port`, `database` or `user`',
  params: { fix: 'keep one of the two' },
}

const postgres = z
  .strictObject({
    type: z.literal('postgres'),
    ...server({
      protocol: /^postgres(ql)?$/,
      example: 'postgres://gatehouse@db.example.org:5432/gatehouse',
      port: 5432,
    }),
  })
  .refine(isNamedOnce, namedOnce)
  .meta({ title: 'PostgreSQL' })

const mysql = z
  .strictObject({
    type: z.enum(['mariadb', 'mysql']),
    ...server({
      protocol: /^(mariadb|mysql)$/,
      example: 'mariadb://gatehouse@db.example.org:3306/gatehouse',
      port: 3306,
    }),
  })
  .refine(isNamedOnce, namedOnce)
  // The library compares the certificate with a name only, and with `localhost` where it is given an address.
  .refine((config) => !isVerified(config.tls) || isIP(toPlace(config, 3306).host) === 0, {
    path: ['host'],
    error: 'with TLS the server is called by the name that its certificate bears, not by an address',
    params: { fix: 'write the name of the server' },
  })
  .meta({ title: 'MariaDB, or MySQL 8' })

const isVerified = (value: z.output<typeof tls>): boolean =>
  typeof value === 'boolean' ? value : !value.dangerouslyAcceptAnyCertificate

/** Where a database is, however it was written down. */
export interface Place {
  /** A name, an address, or the absolute path of a socket (PostgreSQL: of its folder). */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

export function toPlace({ url, host, port, database, user }: Named, usualPort: number): Place {
  const parsed = url === undefined ? undefined : new URL(url)
  const written = parsed && {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    user: decodeURIComponent(parsed.username),
  }
  return {
    host: host ?? (written?.host || 'localhost'),
    port: port ?? (written?.port || usualPort),
    database: database ?? (written?.database || 'gatehouse'),
    user: user ?? (written?.user || 'gatehouse'),
  }
}

export const sqlConfig = z.discriminatedUnion('type', [sqlite, postgres, mysql, memory])

export type PostgresConfig = z.output<typeof postgres>
export type MysqlConfig = z.output<typeof mysql>
export type TlsConfig = z.output<typeof tls>
