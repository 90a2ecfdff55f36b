// What every SQL driver must do; each runs this suite in a test of its own, on an empty database. It commits.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Generated, type Kysely, sql } from 'kysely'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { auditMigrations, createAuditLog } from '../audit.ts'
import { addCountedKey } from './counted-key.ts'
import { isUniqueViolation } from './is-unique-violation.ts'
import { createMigrations } from './migrations.ts'
import type { SqlDriver } from './sql-driver.ts'
import { insertIfAbsent, upsert } from './upsert.ts'

export interface SqlFixture {
  /** Two drivers on one empty database, or twice the same one where only one can reach it. */
  readonly nodes: readonly [SqlDriver, SqlDriver]
  readonly close: () => Promise<void>
}

type Tables = {
  readonly people: {
    readonly id: Generated<number>
    readonly provider: string
    readonly subject: string
    readonly name: string | null
    readonly seen_at: number
    readonly active: number
  }
}

export function sqlDriverContract(name: string, open: () => Promise<SqlFixture>): void {
  describe(`SQL contract: ${name}`, () => {
    let fixture: SqlFixture
    let a: SqlDriver
    let b: SqlDriver
    let db: Kysely<Tables>
    let other: Kysely<Tables>
    const at = Date.UTC(2026, 10, 21, 9, 30, 0, 123)
    const ada = { provider: 'sso', subject: 'ada', name: 'Ada Lovelace', seen_at: at, active: 1 }

    before(async () => {
      fixture = await open()
      ;[a, b] = fixture.nodes
      await a.open()
      await b.open()
      await a.open()
      db = a.database.withTables<Tables>()
      other = b.database.withTables<Tables>()
    })
    after(() => fixture?.close())

    const people = (dialect: SqlDriver['dialect']) => ({
      '2026-01-01-01-people': {
        up: async (on: Kysely<unknown>) =>
          on.schema
            .createTable('people')
            .ifNotExists()
            .$call((table) => addCountedKey(table, dialect))
            .addColumn('provider', 'varchar(255)', (column) => column.notNull())
            .addColumn('subject', 'varchar(255)', (column) => column.notNull())
            .addColumn('name', 'text')
            .addColumn('seen_at', 'bigint', (column) => column.notNull())
            .addColumn('active', 'integer', (column) => column.notNull())
            .addUniqueConstraint('people_identity', ['provider', 'subject'])
            .execute(),
      },
    })
    const failing = {
      '2026-02-01-01-half': {
        up: async (on: Kysely<unknown>) => void (await sql`create table half (a text)`.execute(on)),
      },
      '2026-02-01-02-fails': { up: async (on: Kysely<unknown>) => void (await sql`create nonsense`.execute(on)) },
    }

    describe('migrations', () => {
      it('have a status before anything was run', async () => {
        const migrations = createMigrations(a.migrating)
        migrations.add(people(a.dialect))
        assert.deepEqual(await migrations.status(), [
          { name: '2026-01-01-01-people', appliedAt: undefined, known: true },
        ])
      })

      it('run once, whoever starts first', async () => {
        const runs = await Promise.all(
          [a, b].map(async (node) => {
            const migrations = createMigrations(node.migrating)
            migrations.add(people(node.dialect))
            return migrations.run()
          }),
        )
        assert.deepEqual(runs.flat(), ['2026-01-01-01-people'])
      })

      it('run late additions with earlier names, and leave alone what they do not know', async () => {
        const migrations = createMigrations(b.migrating)
        migrations.add(auditMigrations(b.dialect))
        migrations.add({ '2025-01-01-01-early': { up: async () => {} } })
        assert.equal((await migrations.run()).length, 4)
        assert.deepEqual(await migrations.run(), [])
        const [early, unknown] = await migrations.status()
        assert.deepEqual([early?.name, early?.known], ['2025-01-01-01-early', true])
        assert.deepEqual([unknown?.name, unknown?.known], ['2026-01-01-01-people', false])
        assert.ok(Math.abs((unknown?.appliedAt ?? 0) - Date.now()) < 60_000)
      })

      it('say which one failed, and what stays: nothing, or those before it', async () => {
        const migrations = createMigrations(a.migrating)
        migrations.add(failing)
        const rollsBack = a.dialect !== 'mysql'
        const what = rollsBack ? /02-fails failed; nothing was changed/ : /02-fails failed; those before it stay/
        await assert.rejects(migrations.run(), what)
        const half = await sql`select * from half`.execute(db).then(
          () => true,
          () => false,
        )
        assert.equal(half, !rollsBack)
        const applied = (await migrations.status()).filter(({ appliedAt }) => appliedAt !== undefined)
        const stayed = applied.map(({ name: applied }) => applied).filter((applied) => applied in failing)
        assert.deepEqual(stayed, rollsBack ? [] : ['2026-02-01-01-half'])
      })

      it('do no harm when they run again, as after a crash before that was noted', async () => {
        const migrations = createMigrations(b.migrating)
        migrations.add({ ...people(b.dialect), ...auditMigrations(b.dialect) })
        await sql`delete from kysely_migration`.execute(db)
        assert.equal((await migrations.run()).length, 4)
      })

      it('refuse a name that is taken', () => {
        const migrations = createMigrations(a.migrating)
        migrations.add(failing)
        assert.throws(() => migrations.add(failing), /2026-02-01-01-half is declared twice/)
      })
    })

    describe('queries', () => {
      it('give back numbers, texts and nothing as they were', async () => {
        const row = { ...ada, name: 'ä € 😀 "\'', seen_at: Number.MAX_SAFE_INTEGER }
        await db.insertInto('people').values(row).execute()
        const { id, ...found } = await other.selectFrom('people').selectAll().executeTakeFirstOrThrow()
        assert.equal(typeof id, 'number')
        assert.deepEqual(found, row)
        const query = other.selectFrom('people').selectAll().where('id', '=', id)
        await other.updateTable('people').set({ name: null, seen_at: -1 }).where('id', '=', id).execute()
        assert.deepEqual(await query.executeTakeFirst(), { id, ...row, name: null, seen_at: -1 })
        const { numDeletedRows } = await db.deleteFrom('people').where('id', '=', id).executeTakeFirstOrThrow()
        assert.equal(numDeletedRows, 1n)
        assert.equal(await query.executeTakeFirst(), undefined)
      })

      it('count as numbers', async () => {
        const row = await db
          .selectFrom('people')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .executeTakeFirst()
        assert.deepEqual(row, { n: 0 })
      })

      it('keep whole numbers whole', async () => {
        const text = sql.raw(a.dialect === 'mysql' ? 'char' : 'text')
        const texts = await sql`select cast(${5} as ${text}) as whole, cast(${0.5} as ${text}) as part`.execute(db)
        assert.deepEqual(texts.rows, [{ whole: '5', part: '0.5' }])
      })

      it('take parameters as values, whatever they hold', async () => {
        const hostile = "'; drop table people; --"
        await db
          .insertInto('people')
          .values({ ...ada, subject: hostile })
          .execute()
        const found = await other.selectFrom('people').select('subject').where('subject', '=', hostile).execute()
        assert.deepEqual(found, [{ subject: hostile }])
        await db.deleteFrom('people').execute()
      })

      it('refuse a number that would lose digits', async () => {
        await sql`insert into people (provider, subject, seen_at, active)
          values ('sso', 'big', 9007199254740993, 1)`.execute(db)
        await assert.rejects(other.selectFrom('people').selectAll().execute(), RangeError)
        await db.deleteFrom('people').execute()
      })

      // Who may pass for somebody else if a database finds two texts alike.
      const alike = [
        'ada',
        'Ada',
        'ADA',
        'ada ',
        ' ada',
        'ada\t',
        'àda',
        'a\u0300da',
        'adа',
        'a%',
        'a_',
        '\\ada',
        "ada'",
      ]

      it('tell texts apart byte for byte: case, accents, spaces at the end', async () => {
        await db
          .insertInto('people')
          .values(alike.map((subject) => ({ ...ada, subject })))
          .execute()
        for (const subject of [...alike, 'aDa', 'ada  ', 'ad', '']) {
          const found = await other.selectFrom('people').select('subject').where('subject', '=', subject).execute()
          assert.deepEqual(found, alike.includes(subject) ? [{ subject }] : [], JSON.stringify(subject))
        }
        const sorted = await other.selectFrom('people').select('subject').orderBy('subject').execute()
        assert.equal(sorted.length, alike.length)
        await db.deleteFrom('people').execute()
      })

      it('keep keys of the greatest length, and refuse longer ones instead of cutting them', async () => {
        const long = { ...ada, provider: '😀'.repeat(255), subject: 'ß'.repeat(255) }
        await db.insertInto('people').values(long).execute()
        await assert.rejects(db.insertInto('people').values(long).execute(), isUniqueViolation)
        const found = other.selectFrom('people').select('id').where('subject', '=', long.subject)
        assert.equal((await found.execute()).length, 1)
        if (a.dialect !== 'sqlite') {
          const longer = { ...long, subject: `${long.subject}x` }
          await assert.rejects(db.insertInto('people').values(longer).execute(), /too long/)
        }
        await db.deleteFrom('people').execute()
      })

      it('keep long texts', async () => {
        const name = 'ä'.repeat(100_000)
        await db
          .insertInto('people')
          .values({ ...ada, name })
          .execute()
        assert.deepEqual(await other.selectFrom('people').select('name').execute(), [{ name }])
        await db.deleteFrom('people').execute()
      })

      it('page, and compare several columns at once', async () => {
        await db
          .insertInto('people')
          .values(['c', 'a', 'b'].map((subject) => ({ ...ada, subject })))
          .execute()
        const page = await other
          .selectFrom('people')
          .select('subject')
          .where(({ eb, refTuple, tuple }) => eb(refTuple('provider', 'subject'), '>', tuple('sso', 'a')))
          .orderBy('subject')
          .limit(1)
          .execute()
        assert.deepEqual(page, [{ subject: 'b' }])
        await db.deleteFrom('people').execute()
      })

      it('count the rows that they found, changed or not', async () => {
        await db.insertInto('people').values(ada).execute()
        const same = db.updateTable('people').set({ active: 1 }).where('subject', '=', 'ada')
        assert.equal((await same.executeTakeFirstOrThrow()).numUpdatedRows, 1n)
        await db.deleteFrom('people').execute()
      })

      it('refuse what is no value', async () => {
        const nonsense = { ...ada, name: { toString: () => 'x' } as unknown as string }
        if (a.dialect !== 'postgres')
          await assert.rejects(db.insertInto('people').values(nonsense).execute(), TypeError)
      })

      it('see what another node wrote before them', async () => {
        for (let turn = 0; turn < 20; turn += 1) {
          await db
            .insertInto('people')
            .values({ ...ada, subject: `${turn}` })
            .execute()
          const { n } = await other
            .selectFrom('people')
            .select(({ fn }) => fn.countAll<number>().as('n'))
            .executeTakeFirstOrThrow()
          assert.equal(n, turn + 1)
        }
        await other.deleteFrom('people').execute()
      })

      it('tell a value that is there already from other failures', async () => {
        await db.insertInto('people').values(ada).execute()
        await assert.rejects(db.insertInto('people').values(ada).execute(), isUniqueViolation)
        await assert.rejects(sql`select nonsense from people`.execute(db), (error) => !isUniqueViolation(error))
        await db.deleteFrom('people').execute()
      })
    })

    describe('upsert', () => {
      const key = ['provider', 'subject'] as const
      const all = () => other.selectFrom('people').select(['name', 'seen_at', 'active']).execute()

      it('inserts, then updates the columns it is told', async () => {
        await upsert(db, 'people', { row: ada, key, update: ['name'] })
        await upsert(db, 'people', { row: { ...ada, name: 'Ada', active: 0 }, key, update: ['name'] })
        assert.deepEqual(await all(), [{ name: 'Ada', seen_at: at, active: 1 }])
      })

      it('leaves the row alone when told no columns', async () => {
        await upsert(db, 'people', { row: { ...ada, name: 'changed' }, key, update: [] })
        assert.deepEqual(await all(), [{ name: 'Ada', seen_at: at, active: 1 }])
      })

      it('leaves one row when many do it at once', async () => {
        await db.deleteFrom('people').execute()
        const seen = (n: number) => ({ row: { ...ada, seen_at: n }, key, update: ['seen_at'] as const })
        await Promise.all(Array.from({ length: 20 }, (_, n) => upsert(n % 2 ? db : other, 'people', seen(n))))
        assert.equal((await all()).length, 1)
        await db.deleteFrom('people').execute()
      })
    })

    describe('insertIfAbsent', () => {
      const key = ['provider', 'subject'] as const

      it('says who was first, and leaves that row alone', async () => {
        const names = Array.from({ length: 20 }, (_, n) => `${n}`)
        const insert = (name: string, n: number) =>
          insertIfAbsent(n % 2 ? db : other, 'people', { row: { ...ada, name }, key })
        const firsts = await Promise.all(names.map(insert))
        assert.equal(firsts.filter(Boolean).length, 1)
        const rows = await other.selectFrom('people').select('name').execute()
        assert.deepEqual(rows, [{ name: names[firsts.indexOf(true)] }])
      })

      it('fails no transaction around it', async () => {
        await db.transaction().execute(async (transaction) => {
          assert.equal(await insertIfAbsent(transaction, 'people', { row: ada, key }), false)
          await transaction.deleteFrom('people').execute()
        })
        assert.deepEqual(await other.selectFrom('people').selectAll().execute(), [])
      })

      it('fails for every other reason', async () => {
        const row = { ...ada, seen_at: null as unknown as number }
        await assert.rejects(insertIfAbsent(db, 'people', { row, key }), (error) => !isUniqueViolation(error))
      })
    })

    describe('transactions', () => {
      const count = async (on: Kysely<Tables>) => (await on.selectFrom('people').select('id').execute()).length

      it('are seen as a whole after the commit', async () => {
        const given = await db.transaction().execute(async (transaction) => {
          await transaction.insertInto('people').values(ada).execute()
          await transaction
            .insertInto('people')
            .values({ ...ada, subject: 'grace' })
            .execute()
          assert.equal(await count(transaction), 2)
          if (fixture.nodes[0] !== fixture.nodes[1]) assert.equal(await count(other), 0)
          return 'given back'
        })
        assert.deepEqual([given, await count(other)], ['given back', 2])
        await db.deleteFrom('people').execute()
      })

      it('leave nothing when the work fails', async () => {
        const failing = db.transaction().execute(async (transaction) => {
          await transaction.insertInto('people').values(ada).execute()
          throw new Error('the work failed')
        })
        await assert.rejects(failing, /the work failed/)
        assert.equal(await count(other), 0)
      })

      it('leave nothing when a statement fails', async () => {
        const failing = db.transaction().execute(async (transaction) => {
          await transaction.insertInto('people').values(ada).execute()
          await transaction.insertInto('people').values(ada).execute()
        })
        await assert.rejects(failing, isUniqueViolation)
        assert.equal(await count(other), 0)
      })

      it('lose no update when many change one row', async () => {
        await db
          .insertInto('people')
          .values({ ...ada, seen_at: 0 })
          .execute()
        const add = (on: Kysely<Tables>) =>
          on.transaction().execute(async (transaction) => {
            await transaction
              .updateTable('people')
              .set(({ eb }) => ({ seen_at: eb('seen_at', '+', 1) }))
              .execute()
          })
        await Promise.all(Array.from({ length: 30 }, (_, n) => add(n % 2 ? db : other)))
        assert.deepEqual(await other.selectFrom('people').select('seen_at').execute(), [{ seen_at: 30 }])
        await db.deleteFrom('people').execute()
      })
    })

    describe('the audit log', () => {
      const clock = createManualClock(at)
      const entry = {
        action: 'session.create',
        outcome: 'success',
        userId: 'u1',
        actor: 'cli',
        address: '192.0.2.1',
        requestId: 'r1',
        subject: 's1',
        detail: { provider: 'sso', attempts: 2, first: true },
      } as const

      it('keeps entries and lists the newest first', async () => {
        const audit = createAuditLog(a.database, clock)
        await audit.record(entry)
        clock.advance(1_000)
        await audit.record({ action: 'access.refused', outcome: 'failure' })
        const [second, first, ...rest] = await audit.list({ limit: 10 })
        assert.deepEqual(rest, [])
        assert.deepEqual(first, { id: first?.id, at, ...entry })
        assert.deepEqual(second, { id: second?.id, at: at + 1_000, action: 'access.refused', outcome: 'failure' })
      })

      it('finds by person, action and page', async () => {
        const audit = createAuditLog(b.database, clock)
        const [newest, oldest] = await audit.list({ limit: 10 })
        assert.deepEqual(await audit.list({ limit: 10, userId: 'u1' }), [oldest])
        assert.deepEqual(await audit.list({ limit: 10, action: 'access.refused' }), [newest])
        assert.deepEqual(await audit.list({ limit: 10, before: newest?.id ?? 0 }), [oldest])
        assert.deepEqual(await audit.list({ limit: 1 }), [newest])
      })

      it('drops what is old, however much', async () => {
        const audit = createAuditLog(a.database, clock)
        const old = { at: at - 1_000, action: 'x', outcome: 'success' }
        const rows = Array.from({ length: 2_100 }, () => old)
        await a.database.withTables<{ audit: typeof old }>().insertInto('audit').values(rows).execute()
        assert.equal(await audit.removeBefore(at + 500), 2_101)
        assert.equal((await audit.list({ limit: 10 })).length, 1)
      })
    })

    it('is healthy while it answers', async () => {
      assert.deepEqual(await a.health(), { healthy: true })
    })
  })
}
