// What each process saw, minute by minute, for a day. Written by `traffic-recorder.ts`.

import type { ColumnType, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { z } from 'zod'
import { type Storage, upsert } from '#storage'
import type { Traffic } from './traffic.ts'

type Time = ColumnType<number | string, number, number>

interface Tables {
  readonly traffic_minutes: {
    /** Its beginning, milliseconds since the epoch. */
    readonly minute: Time
    /** One process; a name of the moment. */
    readonly process: string
    readonly traffic: string
  }
}

/** One statement: not every database rolls back changes of schema. */
export const trafficMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-22-55-traffic-minutes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('traffic_minutes')
        .ifNotExists()
        .addColumn('minute', 'bigint', (column) => column.notNull())
        .addColumn('process', 'varchar(64)', (column) => column.notNull())
        .addColumn('traffic', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('traffic_minutes_key', ['minute', 'process'])
        .execute()
    },
  },
}

const kept = z.object({
  requests: z.number(),
  refused: z.number(),
  failed: z.number(),
  /** Pairs of a bound, null for the last, and a count. */
  durations: z.array(z.tuple([z.number().nullable(), z.number()])),
  logins: z.number(),
  loginsRefused: z.number(),
})

export interface TrafficMinute {
  readonly minute: number
  readonly traffic: Traffic
}

export interface TrafficStore {
  put(process: string, minute: TrafficMinute): Promise<void>
  /** One for each process and minute, from then on, the oldest first. */
  since(time: number): Promise<readonly TrafficMinute[]>
  removeBefore(time: number): Promise<void>
}

export const createTrafficStore = ({ sql }: Pick<Storage, 'sql'>): TrafficStore =>
  Object.freeze({
    async put(process: string, { minute, traffic }: TrafficMinute) {
      const durations = traffic.durations.map(({ atMostSeconds, count }) => [
        Number.isFinite(atMostSeconds) ? atMostSeconds : null,
        count,
      ])
      const row = { minute, process, traffic: JSON.stringify({ ...traffic, durations }) }
      await upsert(sql<Tables>(), 'traffic_minutes', { row, key: ['minute', 'process'], update: ['traffic'] })
    },

    async since(time: number) {
      const rows = await sql<Tables>()
        .selectFrom('traffic_minutes')
        .select(['minute', 'traffic'])
        .where('minute', '>=', time)
        .orderBy('minute')
        .execute()
      return rows.map((row) => ({ minute: Number(row.minute), traffic: toTraffic(row.traffic) }))
    },

    async removeBefore(time: number) {
      await sql<Tables>().deleteFrom('traffic_minutes').where('minute', '<', time).execute()
    },
  })

function toTraffic(text: string): Traffic {
  const { durations, ...counts } = kept.parse(JSON.parse(text))
  return {
    ...counts,
    durations: durations.map(([bound, count]) => ({ atMostSeconds: bound ?? Number.POSITIVE_INFINITY, count })),
  }
}
