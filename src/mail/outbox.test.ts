import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { type Storage, storageModule } from '#storage'
import type { LogFields, Logger, Metrics } from '#telemetry'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { isMissing, makeDirectory, removeDirectory, startMariadb, startPostgres } from '../../test/support/programs.ts'
import { toSettings } from '../../test/support/test-stores.ts'
import { createOutboxStore, outboxMigrations } from './outbox-store.ts'
import { createOutboxWorker, RETRY_PAUSES_MS } from './outbox-worker.ts'
import { type MailTransport, type OutgoingMail, UndeliveredError } from './transport.ts'

const servers = [
  ['PostgreSQL', 'postgres', await startPostgres()],
  ['MariaDB', 'mariadb', await startMariadb()],
] as const

async function openOutbox(sql: unknown) {
  const clock = createManualClock()
  const directory = makeDirectory('outbox')
  const config = storageModule.config.parse({ directory, sql, keyValue: { type: 'memory' } })
  const part = storageModule.create({ clock, telemetry: { log: silentLog } }, config)
  const storage: Storage = part.api
  storage.addMigrations(outboxMigrations)
  await part.start?.()
  const store = createOutboxStore(storage)
  const counted = new Map<string, number>()
  const logged: LogFields[] = []
  const createNode = (deliver: MailTransport['deliver'], metrics: Metrics = countingMetrics(counted)) =>
    createOutboxWorker({
      store: createOutboxStore(storage),
      transport: { deliver },
      clock,
      log: recorder(logged),
      metrics,
    })
  return {
    clock,
    storage,
    store,
    counted,
    logged,
    createNode,
    add: (to: string) => store.add({ to, template: 'test.hello', subject: 'Hello', text: 'Hello.' }, clock.now()),
    [Symbol.asyncDispose]: async () => {
      await part.stop?.()
      removeDirectory(directory)
    },
  }
}

function recorder(logged: LogFields[]): Logger {
  const write = (fields: LogFields): void => void logged.push(fields)
  return { debug: write, info: write, warn: write, error: write, child: () => recorder(logged) }
}

function describeOutbox(database: string, createDatabase: () => Promise<unknown>): void {
  suite(`the outbox in ${database}`, () => {
    test('what is due is sent, the oldest first, and gone then', async () => {
      await using outbox = await openOutbox(await createDatabase())
      const sent: OutgoingMail[] = []
      const node = outbox.createNode(async (mail) => void sent.push(mail))
      for (const to of ['a@x.test', 'b@x.test']) {
        await outbox.add(to)
        outbox.clock.advance(1)
      }
      await node.run()
      assert.deepEqual(
        sent.map(({ to, subject, text }) => [to, subject, text]),
        [
          ['a@x.test', 'Hello', 'Hello.'],
          ['b@x.test', 'Hello', 'Hello.'],
        ],
      )
      assert.deepEqual(await outbox.store.count(), { waiting: 0, failed: 0 })
      assert.equal(outbox.counted.get('mails_total sent'), 2)
    })

    test('ten nodes at once send each mail once', async () => {
      await using outbox = await openOutbox(await createDatabase())
      const sent: string[] = []
      const deliver = async ({ to }: OutgoingMail) => {
        await new Promise(setImmediate)
        sent.push(to)
      }
      const wanted = Array.from({ length: 30 }, (_, index) => `p${index}@x.test`)
      for (const to of wanted) await outbox.add(to)
      const nodes = Array.from({ length: 10 }, () => outbox.createNode(deliver))
      // Whoever finds that all of its candidates are taken leaves the rest to the others, and to its next look.
      while ((await outbox.store.count()).waiting > 0) await Promise.all(nodes.map((node) => node.run()))
      assert.deepEqual(sent.toSorted(), wanted.toSorted())
    })

    test('a mail whose sender died is sent by another node when the lease is over', async () => {
      await using outbox = await openOutbox(await createDatabase())
      await outbox.add('a@x.test')
      const leased = await outbox.store.lease(outbox.clock.now(), 60_000)
      assert.equal(leased?.to, 'a@x.test')
      assert.equal(await outbox.store.lease(outbox.clock.now() + 59_999, 60_000), undefined)
      const other = (await outbox.store.lease(outbox.clock.now() + 60_000, 60_000)) ?? assert.fail('it is free again')
      // The first one comes back to life: the mail is no more its own.
      await outbox.store.notSent(leased ?? other, { error: 'late', nextAt: undefined })
      await outbox.store.sent(leased ?? other)
      assert.deepEqual(await outbox.store.count(), { waiting: 1, failed: 0 })
      await outbox.store.sent(other)
      assert.deepEqual(await outbox.store.count(), { waiting: 0, failed: 0 })
    })

    test('what does not go is tried again after pauses that grow, and given up in the end', async () => {
      await using outbox = await openOutbox(await createDatabase())
      const { clock } = outbox
      let attempts = 0
      const node = outbox.createNode(async () => {
        attempts += 1
        throw new UndeliveredError('ESOCKET: nobody there')
      })
      await outbox.add('a@x.test')
      for (const [index, pauseMs] of RETRY_PAUSES_MS.entries()) {
        await node.run()
        assert.equal(attempts, index + 1)
        clock.advance(pauseMs - 1)
        await node.run()
        assert.equal(attempts, index + 1, 'not before its time')
        clock.advance(1)
      }
      await node.run()
      clock.advance(10 * 24 * 3_600_000)
      await node.run()
      assert.equal(attempts, RETRY_PAUSES_MS.length + 1)
      const [mail] = await outbox.store.list({ limit: 10 })
      assert.deepEqual(
        [mail?.state, mail?.attempts, mail?.lastError, mail?.template],
        ['failed', attempts, 'ESOCKET: nobody there', 'test.hello'],
      )
      assert.deepEqual(
        outbox.logged.map(({ event }) => event),
        [...RETRY_PAUSES_MS.map(() => 'mail_retried'), 'mail_failed'],
      )
      assert.deepEqual([outbox.counted.get('mails_total retried'), outbox.counted.get('mails_total failed')], [8, 1])
      assert.equal(JSON.stringify(outbox.logged).includes('a@x.test'), false, 'the log names nobody')
    })

    test('what is refused for good is given up at once, and the others go', async () => {
      await using outbox = await openOutbox(await createDatabase())
      const sent: string[] = []
      const node = outbox.createNode(async ({ to }) => {
        if (to === 'gone@x.test') throw new UndeliveredError('550', { isFinal: true })
        sent.push(to)
      })
      for (const to of ['gone@x.test', 'b@x.test']) await outbox.add(to)
      await node.run()
      assert.deepEqual(sent, ['b@x.test'])
      assert.deepEqual(await outbox.store.count(), { waiting: 0, failed: 1 })
      outbox.clock.advance(31 * 24 * 3_600_000)
      await node.sweep()
      assert.deepEqual(await outbox.store.count(), { waiting: 0, failed: 0 })
    })

    test('a server that cannot be used is left alone for a while', async () => {
      await using outbox = await openOutbox(await createDatabase())
      let attempts = 0
      const node = outbox.createNode(async () => {
        attempts += 1
        throw new UndeliveredError('ECONNREFUSED')
      })
      for (let each = 0; each < 5; each++) await outbox.add(`p${each}@x.test`)
      await node.run()
      await node.run()
      assert.equal(attempts, 1)
      outbox.clock.advance(30_000)
      await node.run()
      assert.equal(attempts, 2)
    })

    test('a mail server that never answers holds nothing up', async () => {
      await using outbox = await openOutbox(await createDatabase())
      const asked = Promise.withResolvers<void>()
      const node = outbox.createNode(() => {
        asked.resolve()
        return new Promise(() => {})
      })
      await outbox.add('a@x.test')
      const run = node.run()
      await asked.promise
      outbox.clock.advance(60_000)
      await run
      const [mail] = await outbox.store.list({ limit: 1 })
      assert.deepEqual([mail?.state, mail?.attempts, mail?.lastError], ['waiting', 1, 'the mail server took too long'])
    })

    test('a mail goes with its transaction', async () => {
      await using outbox = await openOutbox(await createDatabase())
      const row = { to: 'a@x.test', template: 't', subject: 's', text: 'x' }
      const undone = outbox.storage
        .sql<object>()
        .transaction()
        .execute(async (transaction) => {
          await outbox.store.add(row, outbox.clock.now(), transaction)
          throw new Error('undone')
        })
      await assert.rejects(undone, /undone/)
      assert.equal((await outbox.store.count()).waiting, 0)
      await outbox.storage
        .sql<object>()
        .transaction()
        .execute((transaction) => outbox.store.add(row, outbox.clock.now(), transaction))
      assert.equal((await outbox.store.count()).waiting, 1)
    })

    test('the list is of one state, the newest first, a page at a time', async () => {
      await using outbox = await openOutbox(await createDatabase())
      for (const to of ['a@x.test', 'b@x.test', 'c@x.test']) {
        await outbox.add(to)
        outbox.clock.advance(1)
      }
      const first = await outbox.store.list({ limit: 2 })
      assert.deepEqual(
        first.map(({ to }) => to),
        ['c@x.test', 'b@x.test'],
      )
      const next = await outbox.store.list({ limit: 2, after: first.at(-1)?.id ?? '' })
      assert.deepEqual(
        next.map(({ to }) => to),
        ['a@x.test'],
      )
      assert.deepEqual(await outbox.store.list({ limit: 2, after: 'nobody' }), [])
      assert.deepEqual(await outbox.store.list({ limit: 2, state: 'failed' }), [])
      assert.equal((await outbox.store.list({ limit: 5, state: 'waiting' })).length, 3)
    })
  })
}

describeOutbox('SQLite', async () => ({ type: 'memory' }))

for (const [name, type, server] of servers) {
  if (isMissing(server)) {
    test(`the outbox in ${name}`, { skip: server.missing })
    continue
  }
  const directory = makeDirectory('outbox')
  after(async () => {
    await server.stop()
    removeDirectory(directory)
  })
  describeOutbox(name, async () => {
    const { drop: _, ...place } = await server.createDatabase()
    return { type, ...toSettings(place, directory) }
  })
}
