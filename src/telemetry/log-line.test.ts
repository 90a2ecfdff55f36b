import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createLogger } from './create-logger.ts'
import { MAX_LINE_BYTES } from './log-line.ts'

test('a line is one JSON object with level and time first', () => {
  const text = line({ event: 'login_failed', username: 'ada' }, { request_id: 'r1' })
  assert.equal(
    text,
    '{"level":"warn","time":"2026-01-01T00:00:00.000Z","request_id":"r1","event":"login_failed","username":"ada","msg":"refused"}\n',
  )
})

test('a name of a megabyte with line breaks and terminal commands makes one short line', () => {
  const username = `\r\n{"level":"info"}\u001b[2J\u009b31m\u2028\u202e${'ü"\n'.repeat(350_000)}`
  const text = line({ event: 'login_failed', username })
  assert.ok(Buffer.byteLength(text) <= MAX_LINE_BYTES, `${Buffer.byteLength(text)} bytes`)
  assert.equal(JSON.parse(text).event, 'login_failed')
  const obeyed = text
    .slice(0, -1)
    .split('')
    .filter((character) => character < ' ' || /[\u007f-\u009f\u2028-\u202e]/.test(character))
  assert.deepEqual(obeyed, [])
})

test('no fields can pose as level, time or message', () => {
  const entry = JSON.parse(line({ event: 'x', level: 'info', time: 'never', msg: 'all is well' }))
  assert.deepEqual([entry.level, entry.time, entry.msg], ['warn', '2026-01-01T00:00:00.000Z', 'refused'])
})

test('of an event that does not fit, the text is cut before fields are left out', () => {
  const fields = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`field${index}`, 'z'.repeat(500)]))
  const entry = JSON.parse(line({ event: 'x', ...fields }))
  assert.equal(entry.field9, `${'z'.repeat(160)}…`)

  const names = Object.fromEntries(Array.from({ length: 38 }, (_, index) => [`${'n'.repeat(80)}${index}`, index]))
  const core = JSON.parse(line({ event: 'x', ...names, user_id: 'u1' }))
  assert.deepEqual([core.event, core.user_id, core.shortened], ['x', 'u1', true])
})

test('whatever is logged is one line of JSON within the bound', () => {
  const text = fc.string({ unit: 'binary', maxLength: 700 })
  const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true })
  fc.assert(
    fc.property(text, fc.dictionary(text, fc.oneof(text, value)), (event, fields) => {
      const written = line({ ...fields, event })
      assert.ok(Buffer.byteLength(written) <= MAX_LINE_BYTES)
      assert.equal(written.indexOf('\n'), written.length - 1)
      assert.equal(JSON.parse(written).msg, 'refused')
    }),
    { numRuns: 1000 },
  )
})

function line(fields: Record<string, unknown> & { event: string }, bound: Record<string, unknown> = {}): string {
  const lines: string[] = []
  const log = createLogger({ level: 'info', clock: createManualClock(), write: (text) => void lines.push(text) })
  log.child(bound).warn(fields, 'refused')
  assert.equal(lines.length, 1)
  return lines[0] ?? ''
}
