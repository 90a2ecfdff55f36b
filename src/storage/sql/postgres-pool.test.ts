// What happens to a connection after a failure, with a pool that only records.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import pg from 'pg'
import type { Logger } from '#telemetry'
import { createGuardedPool } from './postgres-pool.ts'
import { shortLimits } from './server-limits.ts'

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

const answering = (answer: () => unknown) => {
  const released: unknown[] = []
  const client = { query: async () => answer(), release: (destroy: unknown) => released.push(destroy) }
  const pool = Object.assign(new EventEmitter(), { options: {}, connect: async () => client })
  return { pool: createGuardedPool(pool as unknown as pg.Pool, shortLimits(1), log), released }
}

const failing = (error: unknown) =>
  answering(() => {
    throw error
  })

const fromServer = (code: string) => Object.assign(new pg.DatabaseError('from the server', 0, 'error'), { code })

describe('the guarded pool', () => {
  it('lends a connection again after an answer', async () => {
    const { pool, released } = answering(() => ({ rows: [] }))
    const client = await pool.connect()
    await client.query('select 1', [])
    client.release()
    assert.deepEqual(released, [false])
  })

  it('closes a connection that failed in mid-air', async () => {
    const { pool, released } = failing(new Error('Query read timeout'))
    const client = await pool.connect()
    await assert.rejects(client.query('select 1', []), { code: 'storage.unavailable' })
    client.release()
    assert.deepEqual(released, [true])
  })

  it('keeps a connection whose server refused a statement', async () => {
    const { pool, released } = failing(fromServer('23505'))
    const client = await pool.connect()
    await assert.rejects(client.query('select 1', []), { code: '23505' })
    client.release()
    assert.deepEqual(released, [false])
  })

  for (const code of [
    '08006',
    '25006',
    '40001',
    '40P01',
    '53300',
    '53100',
    '55P03',
    '57014',
    '57P01',
    '57P03',
    '58030',
  ]) {
    it(`takes ${code} for unavailable`, async () => {
      const client = await failing(fromServer(code)).pool.connect()
      await assert.rejects(client.query('select 1', []), { code: 'storage.unavailable', status: 503 })
    })
  }

  for (const code of ['23505', '23503', '42601', '42P01', '22P02', '25P02']) {
    it(`takes ${code} for what it is`, async () => {
      const client = await failing(fromServer(code)).pool.connect()
      await assert.rejects(client.query('select 1', []), { code })
    })
  }
})
