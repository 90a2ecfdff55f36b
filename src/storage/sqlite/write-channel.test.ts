// The writing thread may die; the call that was under way fails, and the next one has a new thread.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { isSqliteUnavailable } from './sqlite-error.ts'
import { createWorkerChannel } from './write-channel.ts'
import { isFailure } from './write-engine.ts'

it('fails the call whose thread dies, and starts a new thread for the next', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-channel-'))
  const channel = createWorkerChannel(join(directory, 'later', 'data.db'))
  const create = { sql: 'create table t (a)', parameters: [] }
  const call = () => channel.call({ kind: 'batch', units: [[create]], waitMs: 1_000 })
  await assert.rejects(call(), (error) => isSqliteUnavailable(error) && /unable to open/.test(String(error)))
  mkdirSync(join(directory, 'later'))
  assert.deepEqual(await call(), [{ results: [{ rows: [], changes: 0 }] }])
  await channel.close()

  const [late] = await channel.call({ kind: 'run', statement: { sql: 'drop table t', parameters: [] } })
  assert.ok(isFailure(late), 'a statement of a transaction that a dead thread held does not run by itself')
  await channel.close()
  rmSync(directory, { recursive: true })
})
