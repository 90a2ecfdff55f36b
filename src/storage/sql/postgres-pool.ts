// The pool as Kysely wants it, with two things added: failures to reach the server become `storage.unavailable`, and a
// connection that failed in mid-air is closed instead of lent again.

import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { Logger } from '#telemetry'
import { storageErrors } from '../errors.ts'

export function createGuardedPool(pool: pg.Pool, log: Logger): PostgresPool {
  const guarded = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  const report = (err: Error): void =>
    log.warn({ event: 'database_connection_lost', err }, 'a database connection broke')
  // Without a listener the runtime would end the process when an idle connection, or a lent one, breaks.
  pool.on('error', report)
  pool.on('connect', (client) => client.on('error', report))

  return Object.freeze({
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw translate(error)
      })
      const known = guarded.get(client) ?? guard(client)
      guarded.set(client, known)
      return known
    },
    end: () => pool.end(),
  })
}

function guard(client: pg.PoolClient): PostgresPoolClient {
  let broken = false
  const query = async (text: string, parameters: unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, parameters)
    } catch (error) {
      broken ||= !(error instanceof pg.DatabaseError)
      throw translate(error)
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || broken),
  }
}

const translate = (error: unknown): unknown =>
  isUnavailable(error) ? storageErrors.unavailable({ store: 'database' }, { cause: error }) : error

/** What the server itself says may be our mistake; anything else is about reaching it. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? unavailable.test(error.code ?? '') : !(error instanceof TypeError)

// Classes and codes of PostgreSQL, appendix A: connection (08), authorization (28), read-only after a failover (25006),
// idle transaction (25P03), no such database (3D), conflicts that a new try solves (40), resources (53), locks (55P03),
// time limits, shutdown and start (57), the system (58).
const unavailable = /^(08|28|25006|25P03|3D|40|53|55P03|57|58)/
