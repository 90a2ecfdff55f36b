// The `storage` section of the configuration.

import { z } from 'zod'
import { duration, filePath, secretRef } from '#config'
import { sqlConfig } from './sql/config.ts'

const memory = z
  .strictObject({ type: z.literal('memory') })
  .meta({ title: 'In memory: gone when the process ends. For tests.' })

const embedded = z
  .strictObject({ type: z.literal('embedded') })
  .meta({ title: 'In SQLite, in the data folder: for one machine' })

const redis = z
  .strictObject({
    type: z.literal('redis'),
    url: z
      .url({ protocol: /^rediss?$/, error: 'an address is redis://HOST:PORT/DATABASE, or rediss:// for TLS' })
      .refine((url) => URL.canParse(url) && new URL(url).password === '', {
        error: 'the password is not written into the address; use `password`',
      })
      .describe('Where Redis (6 or later) is. `rediss://` encrypts.')
      .meta({ examples: ['redis://redis:6379/0'] }),
    password: secretRef().optional().describe('Password, if Redis asks for one.'),
    tls: z
      .strictObject({ ca: filePath().describe('Certificates to trust, in PEM.') })
      .optional()
      .describe('Which authority to trust with `rediss://`; by default the well-known ones.'),
    prefix: z
      .string()
      .max(64)
      .default('')
      .describe('Put before every key, for several gateways in one Redis database.')
      .meta({ examples: ['gate-a:'] }),
  })
  .meta({ title: 'Redis, for several machines' })

export const storageConfig = z
  .strictObject({
    directory: filePath()
      .prefault('./gatehouse-data')
      .describe('The data folder: the SQLite file, and the key ring unless it is named.'),
    sql: sqlConfig.prefault({ type: 'sqlite' }).describe('Where users, tokens and the audit log are kept.'),
    keyValue: z
      .discriminatedUnion('type', [embedded, redis, memory])
      .prefault({ type: 'embedded' })
      .describe('Where sessions, login attempts, counters and locks are kept.'),
    keyRing: filePath()
      .optional()
      .describe(
        'The file with the server’s keys, the same on all nodes; `gatehouse keys rotate` makes it. ' +
          'Needed with Redis; otherwise it is made once in the data folder.',
      ),
    auditRetention: duration('400d', { min: '1d' }).describe('How long entries of the audit log are kept.'),
  })
  .refine(({ keyValue, keyRing }) => keyValue.type !== 'redis' || keyRing !== undefined, {
    path: ['keyRing'],
    error: 'with Redis the key ring must be named, because all nodes need the same one',
    params: { fix: 'write keyRing: PATH, make the file with `gatehouse keys rotate`, and copy it to every node' },
  })
  .meta({ title: 'Storage' })

export type StorageConfig = z.output<typeof storageConfig>
export type RedisConfig = z.output<typeof redis>
