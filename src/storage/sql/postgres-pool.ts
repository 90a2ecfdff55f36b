// The pool as Kysely wants it, with what it lacks: whoever waits for a connection waits for a limited time, in a queue of
// limited length; failures to reach the server become `storage.unavailable`; a connection that failed in mid-air is
// closed instead of lent again, and answers nothing more; and an end that the server does not confirm is an end.

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { Logger } from '#telemetry'
import { storageErrors } from '../errors.ts'
import { createConnectionSlots } from './connection-slots.ts'
import { lendInTurn } from './lend-in-turn.ts'
import { closeMs, type ServerLimits } from './server-limits.ts'
import { createSilence, type Silence } from './silence.ts'

export function createGuardedPool(pool: pg.Pool, limits: ServerLimits, log: Logger): PostgresPool {
  const slots = createConnectionSlots(limits.slots)
  const silence = createSilence()
  const open = new Set<pg.PoolClient>()
  const report = (err: Error): void =>
    log.warn({ event: 'database_connection_lost', err }, 'a database connection broke')
  // Without a listener the runtime would end the process when an idle connection, or a lent one, breaks.
  pool.on('error', report)
  pool.on('connect', (client) => {
    open.add(client)
    client.on('error', report)
  })
  pool.on('remove', (client) => open.delete(client))

  const lend = (): Promise<PostgresPoolClient> =>
    lendInTurn({ slots, silence }, async (done) => {
      const client = await silence.watch(() => pool.connect(), { limitMs: limits.connectMs, isAnswer: isFromServer })
      return guard(client, { done, silence, answerMs: limits.answerMs })
    })

  return Object.freeze({
    options: pool.options,
    async connect() {
      try {
        return await lend()
      } catch (error) {
        throw translate(error)
      }
    },
    async end() {
      const removed = [...open].map((client) => once(client, 'end'))
      await Promise.race([Promise.all([pool.end(), ...removed]), pause(closeMs)])
      for (const client of open) client.connection.stream.destroy()
    },
  })
}

interface Lending {
  readonly done: () => void
  readonly silence: Silence
  readonly answerMs: number
}

function guard(client: pg.PoolClient, { done, silence, answerMs }: Lending): PostgresPoolClient {
  let broken = false
  const isAnswer = (outcome: { readonly error?: unknown }) => outcome.error === undefined || isFromServer(outcome)
  const query = async (text: string, parameters: unknown[]): Promise<unknown> => {
    try {
      if (broken) throw new Error('the connection is broken')
      return await silence.watch(() => client.query(text, parameters), { limitMs: answerMs, isAnswer })
    } catch (error) {
      broken ||= !(error instanceof pg.DatabaseError)
      throw translate(error)
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release(destroy) {
      client.release(destroy === true || broken)
      done()
    },
  }
}

/** A connection may be an old one: only an error tells that the server answered. */
const isFromServer = ({ error }: { readonly error?: unknown }): boolean => error instanceof pg.DatabaseError

const translate = (error: unknown): unknown =>
  isUnavailable(error) ? storageErrors.unavailable({ store: 'database' }, { cause: error }) : error

/** What the server itself says may be our mistake; anything else is about reaching it. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof pg.DatabaseError
    ? unavailable.test(error.code ?? '')
    : !(error instanceof TypeError || error instanceof RangeError)

// Classes and codes of PostgreSQL, appendix A: connection (08), authorization (28), read-only after a failover (25006),
// idle transaction (25P03), no such database (3D), conflicts that a new try solves (40), resources (53), locks (55P03),
// time limits, shutdown and start (57), the system (58).
const unavailable = /^(08|28|25006|25P03|3D|40|53|55P03|57|58)/
