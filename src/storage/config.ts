// The `storage` section of the configuration.

import { join } from 'node:path'
import { z } from 'zod'
import { duration, filePath } from '#config'
import { redisConfig } from './key-value/redis-config.ts'
import { sqlConfig } from './sql/config.ts'

const memory = z
  .strictObject({ type: z.literal('memory') })
  .meta({ title: 'In memory: gone when the process ends. For tests.' })

const embedded = z
  .strictObject({ type: z.literal('embedded') })
  .meta({ title: 'In SQLite, in the data folder: for one machine' })

export const storageConfig = z
  .strictObject({
    directory: filePath()
      .prefault('./gatehouse-data')
      .describe('The data folder: the SQLite file, and the key ring unless it is named.'),
    sql: sqlConfig.prefault({ type: 'sqlite' }).describe('Where users, tokens and the audit log are kept.'),
    keyValue: z
      .discriminatedUnion('type', [embedded, redisConfig, memory])
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

/** The SQLite file of the embedded stores. */
export const databaseFile = ({ directory }: Pick<StorageConfig, 'directory'>): string => join(directory, 'gatehouse.db')
