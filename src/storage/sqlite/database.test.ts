// SQLite as this process uses it: reads here, writes in a thread, transactions one at a time, other processes beside it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createSqliteDatabase, type SqliteDatabase } from './database.ts'
import { isSqliteUnavailable } from './sqlite-error.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-sqlite-'))
after(() => rmSync(directory, { recursive: true }))

const statement = (sql: string, ...parameters: (string | number)[]) => ({ sql, parameters })
const insert = (name: string) => statement('insert into things (name) values (?)', name)
const options = { limitMs: 10_000, waitMs: 1_000 }

for (const kind of ['file', 'memory'] as const) {
  describe(`sqlite, ${kind}`, () => {
    let files = 0
    let location = ''
    let clock = createManualClock()
    let database: SqliteDatabase

    beforeEach(async () => {
      clock = createManualClock()
      location = kind === 'memory' ? ':memory:' : join(directory, `${++files}`, 'data.db')
      database = createSqliteDatabase({ location, clock })
      database.open()
      await database.write([statement('create table things (name text primary key)')])
    })
    afterEach(() => database.close())

    const names = () => database.read('select name from things order by name', []).map(({ name }) => name)

    it('reads what was written, at once', async () => {
      const [result] = await database.write([insert('a')])
      assert.equal(result?.changes, 1)
      assert.deepEqual(names(), ['a'])
    })

    it('gives the rows of a statement that returns some', async () => {
      const [result] = await database.write([
        statement("insert into things values ('a') returning name, length(name) n"),
      ])
      assert.deepEqual(result, { rows: [{ name: 'a', n: 1 }], changes: 1 })
    })

    it('does the statements of a unit together or not at all', async () => {
      await assert.rejects(database.write([insert('a'), insert('a')]), { name: 'SqliteError', code: 1555 })
      assert.deepEqual(names(), [])
    })

    it('keeps units apart that share a commit', async () => {
      const outcomes = await Promise.allSettled([
        database.write([insert('a')]),
        database.write([insert('b'), insert('a')]),
        database.write([insert('c'), insert('d')]),
        database.write([statement('nonsense')]),
        database.write([insert('e')]),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
      )
      assert.deepEqual(names(), ['a', 'c', 'd', 'e'])
    })

    it('commits a transaction', async () => {
      const transaction = await database.begin(options)
      await Promise.all([transaction.run(insert('a')), transaction.run(insert('b'))])
      assert.deepEqual((await transaction.run(statement('select count(*) n from things'))).rows, [{ n: 2 }])
      await transaction.commit()
      assert.deepEqual(names(), ['a', 'b'])
      await assert.rejects(transaction.run(insert('c')), isSqliteUnavailable)
    })

    it('rolls a transaction back', async () => {
      const transaction = await database.begin(options)
      await transaction.run(insert('a'))
      await transaction.rollback()
      await transaction.rollback()
      await assert.rejects(transaction.commit(), isSqliteUnavailable)
      assert.deepEqual(names(), [])
    })

    it('lets other writes wait for the end of a transaction', async () => {
      const transaction = await database.begin(options)
      const order: string[] = []
      const other = database.write([insert('other')]).then(() => order.push('other'))
      const second = database.begin(options).then(async (next) => {
        order.push('second')
        await next.commit()
      })
      await transaction.run(insert('first'))
      order.push('first')
      await transaction.commit()
      await Promise.all([other, second])
      assert.deepEqual(order, ['first', 'other', 'second'])
    })

    it('rolls back a transaction that takes too long, and goes on', async () => {
      const transaction = await database.begin(options)
      await transaction.run(insert('a'))
      clock.advance(options.limitMs)
      await assert.rejects(transaction.run(insert('b')), isSqliteUnavailable)
      await assert.rejects(transaction.commit(), isSqliteUnavailable)
      await database.write([insert('c')])
      assert.deepEqual(names(), ['c'])
    })

    it('fails what waits too long for its turn, without doing it', async () => {
      const transaction = await database.begin({ ...options, limitMs: 60_000 })
      const waiting = database.write([insert('late')])
      clock.advance(5_000)
      await transaction.commit()
      await assert.rejects(waiting, isSqliteUnavailable)
      assert.deepEqual(names(), [])
    })

    it('lets a thousand writes wait and refuses more', async () => {
      const transaction = await database.begin(options)
      const outcomes = Promise.allSettled(Array.from({ length: 1_200 }, (_, n) => database.write([insert(`${n}`)])))
      await transaction.commit()
      const refused = (await outcomes).filter(({ status }) => status === 'rejected').length
      assert.deepEqual([refused, names().length], [200, 1_000])
    })

    it('finishes what is queued before it closes, and may be closed twice', async () => {
      const writing = database.write([insert('a')])
      await database.close()
      await writing
      await database.close()
      await assert.rejects(database.write([insert('b')]), isSqliteUnavailable)
      assert.throws(() => database.open(), isSqliteUnavailable)
    })

    if (kind === 'memory') return

    it('never writes through the reading connection', () => {
      assert.throws(() => database.read("insert into things values ('a')", []), /readonly|read-only|query_only/i)
    })

    it('is readable for its owner only, and leaves one file when closed', async () => {
      await database.write([insert('a')])
      const folder = join(location, '..')
      assert.equal(statSync(folder).mode & 0o777, 0o700)
      for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
      await database.close()
      assert.deepEqual(readdirSync(folder), ['data.db'])
    })

    it('waits for another process that writes, without blocking this one', async () => {
      const other = new DatabaseSync(location)
      other.exec("begin immediate; insert into things values ('other')")
      let settled = false
      const writing = database.write([insert('mine')]).finally(() => {
        settled = true
      })
      let longestMs = 0
      for (let turn = 0; turn < 30; turn += 1) {
        const before = performance.now()
        await pause(10)
        names()
        longestMs = Math.max(longestMs, performance.now() - before)
      }
      assert.equal(settled, false)
      other.exec('commit')
      other.close()
      await writing
      assert.deepEqual(names(), ['mine', 'other'])
      assert.ok(longestMs < 200, `this thread stood still for ${longestMs} ms`)
    })

    it('gives up after a while when another process does not stop writing', async () => {
      const other = new DatabaseSync(location)
      other.exec('begin immediate')
      await assert.rejects(database.begin({ ...options, waitMs: 50 }), isSqliteUnavailable)
      other.exec('rollback')
      other.close()
      await database.write([insert('after')])
      assert.deepEqual(names(), ['after'])
    })

    it('lets several processes open a new file at once and write together', async () => {
      const shared = join(directory, 'shared', 'data.db')
      const program = `
        import { createSqliteDatabase } from ${JSON.stringify(new URL('./database.ts', import.meta.url))}
        import { systemClock } from '#kernel'
        const database = createSqliteDatabase({ location: ${JSON.stringify(shared)}, clock: systemClock })
        database.open()
        const write = (sql) => database.write([{ sql, parameters: [] }])
        await write('create table if not exists counter (n integer)')
        await write('insert into counter select 0 where not exists (select 1 from counter)')
        for (let turn = 0; turn < 50; turn += 1) await write('update counter set n = n + 1')
        await database.close()`
      const codes = await Promise.all([1, 2, 3].map(() => runNode(program)))
      assert.deepEqual(codes, [0, 0, 0])
      const reader = new DatabaseSync(shared)
      assert.equal(reader.prepare('select n from counter').get()?.n, 150)
      reader.close()
    })
  })
}

async function runNode(program: string): Promise<number> {
  const cwd = new URL('../../../', import.meta.url).pathname
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number]
  return code
}
