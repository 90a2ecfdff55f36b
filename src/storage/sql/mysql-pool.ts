// The pool of MariaDB or MySQL as Kysely wants it, with what it lacks: whoever waits for a connection waits for a limited
// time, in a queue of limited length; a connection that broke is not lent again; failures to reach the server become
// `storage.unavailable`; and an end that the server does not confirm is an end.

import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { MysqlPool, MysqlPoolConnection } from 'kysely'
import type { Pool, PoolConnection } from 'mysql2'
import type { Logger } from '#telemetry'
import { createConnectionSlots } from './connection-slots.ts'
import { lendInTurn } from './lend-in-turn.ts'
import { mysqlCodeOf, translateMysqlError } from './mysql-error.ts'
import { createMysqlSession, type MysqlSession } from './mysql-session.ts'
import { closeMs, type ServerLimits } from './server-limits.ts'
import { createSilence } from './silence.ts'

export function createGuardedPool(pool: Pool, limits: ServerLimits, log: Logger): MysqlPool {
  const slots = createConnectionSlots(limits.slots)
  const silence = createSilence()
  const sessions = new Map<PoolConnection, MysqlSession>()
  const connect = promisify(pool.getConnection.bind(pool))

  const open = async (connection: PoolConnection): Promise<MysqlSession> => {
    const session = createMysqlSession(connection, limits, silence)
    sessions.set(connection, session)
    void session.closed.then(() => sessions.delete(connection))
    // Without a listener the runtime would end the process when a connection breaks.
    connection.on('error', (err) => log.warn({ event: 'database_connection_lost', err }, 'a database connection broke'))
    await session.setUp().catch((error: unknown) => {
      session.cutOff()
      throw error
    })
    return session
  }

  const lend = (): Promise<MysqlPoolConnection> =>
    lendInTurn({ slots, silence }, async (done) => {
      const connection = await silence.watch(connect, { limitMs: limits.connectMs, isAnswer: isMysqlError })
      const session = sessions.get(connection) ?? (await open(connection))
      return toLent(connection, session, done)
    })

  const end = async (): Promise<void> => {
    const closed = Promise.all([...sessions.values()].map((session) => session.closed))
    pool.end()
    await Promise.race([closed, pause(closeMs)])
    for (const session of sessions.values()) session.cutOff()
  }

  return Object.freeze({
    getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void) {
      lend().then(
        (connection) => callback(undefined, connection),
        (error: unknown) => callback(translateMysqlError(error), undefined as unknown as MysqlPoolConnection),
      )
    },
    end(callback: (error: unknown) => void) {
      end().then(() => callback(undefined), callback)
    },
  })
}

/** A connection may be an old one: only an error tells that the server answered. */
const isMysqlError = ({ error }: { readonly error?: unknown }): boolean => mysqlCodeOf(error) !== undefined

function toLent(connection: PoolConnection, session: MysqlSession, done: () => void): MysqlPoolConnection {
  const query = (sql: string, parameters: readonly unknown[], callback: (error: unknown, result: unknown) => void) => {
    session.run(sql, parameters).then(
      (result) => callback(undefined, result),
      (error: unknown) => callback(translateMysqlError(error), undefined),
    )
  }
  return {
    config: connection.config,
    threadId: connection.threadId,
    connect: () => {},
    destroy: session.cutOff,
    // Kysely calls it with a callback only.
    query: query as unknown as MysqlPoolConnection['query'],
    release() {
      connection.release()
      done()
    },
  }
}
