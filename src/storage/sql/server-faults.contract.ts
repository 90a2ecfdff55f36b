// What a driver must do when its server goes away, comes back, or falls silent; each driver of a database on a server
// runs this suite in a test of its own, with the real program behind a proxy that can be told to be a black hole.

import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { type FaultProxy, startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { isMissing, type Missing } from '../../../test/support/programs.ts'
import type { SqlDriver } from './sql-driver.ts'

export interface FaultySqlServer<Place extends { readonly port: number }> {
  readonly port: number
  createDatabase(): Promise<Place>
  halt(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface ServerFaultsSubject<Place extends { readonly port: number }> {
  readonly name: string
  startServer(): Promise<FaultySqlServer<Place> | Missing>
  /** With four connections. */
  createDriver(place: Place): SqlDriver
}

const unavailable = { code: 'storage.unavailable', status: 503 }
/** A statement that is under way; with what a busy machine takes on top. */
const answerMs = 5_000 + 2_000
/** With nobody under way: the wait for a connection. */
const waitMs = 3_000 + 2_000

export function serverFaultsContract<Place extends { readonly port: number }>(
  subject: ServerFaultsSubject<Place>,
): void {
  describe(`faults of the SQL server: ${subject.name}`, () => {
    let server: FaultySqlServer<Place>
    let proxy: FaultProxy
    let driver: SqlDriver
    const ask = () => sql`select 1`.execute(driver.database)
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const startedAt = performance.now()
      await work()
      return performance.now() - startedAt
    }
    /** A silent server is tried again a moment later, and not by everybody. */
    const recover = async (): Promise<void> => {
      const isBack = () =>
        ask().then(
          () => true,
          () => false,
        )
      while (!(await isBack())) await pause(20)
    }
    const createDriver = async () =>
      subject.createDriver({ ...(await server.createDatabase()), port: proxy.port, host: 'localhost' })

    before(async () => {
      const started = await subject.startServer()
      if (isMissing(started)) throw new Error(started.missing)
      server = started
      proxy = await startFaultProxy({ port: server.port })
      driver = await createDriver()
      await driver.open()
    })
    afterEach(async () => {
      proxy.injectBothWays({})
      await recover()
    })
    after(async () => {
      await driver?.close()
      await proxy?.[Symbol.asyncDispose]()
      await server?.stop()
    })

    it('says unavailable while the server is gone, and goes on once it is back', async () => {
      await Promise.all(Array.from({ length: 4 }, ask))
      await server.halt()
      for (let turn = 0; turn < 10; turn += 1) await assert.rejects(ask(), unavailable)
      await assert.rejects(driver.health(), unavailable)
      await server.restart()
      await Promise.all(Array.from({ length: 20 }, ask))
    })

    it('outlives connections that are cut while idle, and in the middle of a transaction', async () => {
      await Promise.all(Array.from({ length: 4 }, ask))
      proxy.reset()
      // A statement may still meet one of the four before the news of its end.
      const answers = await Promise.allSettled(Array.from({ length: 20 }, ask))
      assert.ok(answers.filter(({ status }) => status === 'rejected').length <= 4)
      await Promise.all(Array.from({ length: 4 }, ask))

      const broken = driver.database.transaction().execute(async (transaction) => {
        await sql`select 1`.execute(transaction)
        proxy.reset()
        await sql`select 1`.execute(transaction)
      })
      await assert.rejects(broken, unavailable)
      await Promise.allSettled(Array.from({ length: 4 }, ask))
      await Promise.all(Array.from({ length: 20 }, ask))
    })

    it('loses nothing of which it said that it was done, over a restart', async () => {
      await sql`create table done (id bigint primary key)`.execute(driver.database)
      const done: number[] = []
      const restarted = server.restart()
      let isBack = false
      void restarted.then(() => (isBack = true))
      for (let id = 0; !isBack || id < 100; id += 1) {
        const write = sql`insert into done (id) values (${id})`.execute(driver.database)
        await write.then(
          () => done.push(id),
          (error: unknown) => assert.equal((error as { code: string }).code, 'storage.unavailable'),
        )
      }
      const { rows } = await sql<{ id: number }>`select id from done`.execute(driver.database)
      const kept = new Set(rows.map(({ id }) => id))
      assert.deepEqual(
        done.filter((id) => !kept.has(id)),
        [],
      )
      assert.ok(done.length > 0)
    })

    it('fails in time when the server falls silent, however many ask, and goes on when it speaks again', async () => {
      await Promise.all(Array.from({ length: 4 }, ask))
      proxy.injectBothWays({ isSilent: true })
      const answers = Array.from({ length: 1_100 }, () => timed(() => assert.rejects(ask(), unavailable)))
      const times = await Promise.all(answers)
      assert.ok(Math.max(...times) < answerMs, `${Math.max(...times)} ms`)
      // Four are under way and a thousand may wait; the others need not.
      assert.equal(times.filter((ms) => ms < 2_500).length, 1_100 - 1_004)
      // It is known then, and nobody waits for it but whoever tries it once in a while.
      const next = await timed(() => assert.rejects(ask(), unavailable))
      assert.ok(next < 500, `${next} ms`)
      await pause(1_000)
      const trials = await Promise.all(
        Array.from({ length: 20 }, () => timed(() => assert.rejects(ask(), unavailable))),
      )
      assert.equal(trials.filter((ms) => ms > 1_000).length, 1)
      proxy.injectBothWays({})
      const recovery = await timed(recover)
      assert.ok(recovery < 2_000, `${recovery} ms`)
    })

    it('gives up a transaction on a connection that fell silent, at once and not step by step', async () => {
      const took = await timed(async () => {
        const silenced = driver.database.transaction().execute(async (transaction) => {
          await sql`select 1`.execute(transaction)
          proxy.injectBothWays({ isSilent: true })
          await sql`select 1`.execute(transaction)
        })
        await assert.rejects(silenced, unavailable)
      })
      assert.ok(took < answerMs, `${took} ms`)
    })

    it('closes in time even when the server is silent', async () => {
      const sockets: Socket[] = []
      const note = (message: unknown) => void sockets.push((message as { readonly socket: Socket }).socket)
      subscribe('net.client.socket', note)
      const closing = await createDriver()
      await closing.open()
      unsubscribe('net.client.socket', note)
      const ours = sockets.filter(({ remotePort }) => remotePort === proxy.port)
      assert.equal(ours.length, 1)
      proxy.injectBothWays({ isSilent: true })
      const took = await timed(() => closing.close())
      proxy.injectBothWays({})
      assert.ok(took < 2_000, `${took} ms`)
      assert.ok(ours.every(({ destroyed }) => destroyed))
    })

    it('makes nobody wait for ever for a connection', async () => {
      const release = Promise.withResolvers<void>()
      const holding = Array.from({ length: 4 }, () =>
        driver.database.transaction().execute(async (transaction) => {
          await sql`select 1`.execute(transaction)
          await release.promise
        }),
      )
      const took = await timed(() => assert.rejects(ask(), unavailable))
      assert.ok(took < waitMs, `${took} ms`)
      release.resolve()
      await Promise.all(holding)
    })
  })
}
