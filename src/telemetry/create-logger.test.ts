import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createLogger, type LoggerOptions } from './create-logger.ts'

test('only events of the level and above are written', () => {
  const { log, entries } = record('warn')
  log.debug({ event: 'a' }, '')
  log.info({ event: 'b' }, '')
  log.warn({ event: 'c' }, '')
  log.error({ event: 'd' }, '')
  assert.deepEqual(
    entries().map(({ event, level }) => [event, level]),
    [
      ['c', 'warn'],
      ['d', 'error'],
    ],
  )

  const silent = record('silent')
  silent.log.error({ event: 'e' }, '')
  assert.deepEqual(silent.entries(), [])
})

test('a child adds its fields, its own child adds more, the parent stays as it was', () => {
  const { log, entries } = record('info')
  const child = log.child({ request_id: 'r1' })
  child.child({ user_id: 'u1' }).info({ event: 'a', status: 200 }, 'done')
  log.info({ event: 'b' }, 'done')
  const [first, second] = entries()
  assert.deepEqual([first?.request_id, first?.user_id, first?.status], ['r1', 'u1', 200])
  assert.deepEqual(Object.keys(second ?? {}), ['level', 'time', 'event', 'msg'])
})

test('secrets bound to a child are redacted like others', () => {
  const { log, entries } = record('info')
  log.child({ authorization: 'Bearer CANARY' }).info({ event: 'a' }, 'with token=CANARY')
  assert.doesNotMatch(JSON.stringify(entries()), /CANARY/)
})

test('the time is that of the clock', () => {
  const { log, entries, clock } = record('info')
  log.info({ event: 'a' }, '')
  clock.advance(1500)
  log.info({ event: 'b' }, '')
  assert.deepEqual(
    entries().map(({ time }) => time),
    ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.500Z'],
  )
})

test('a method works on its own', () => {
  const { log, entries } = record('info')
  const { warn } = log.child({ request_id: 'r1' })
  warn({ event: 'a' }, '')
  assert.equal(entries()[0]?.request_id, 'r1')
})

test('a flood of failures makes few lines, and the next one says how many were left out', () => {
  const { log, entries, clock } = record('info')
  const path = '/x'.repeat(2000)
  for (let second = 0; second < 60; second++) {
    for (let n = 0; n < 2000; n++) log.info({ event: 'http_request', status: 401, path }, 'request')
    clock.advance(1000)
  }
  const written = entries()
  assert.ok(written.length <= 500 + 60 * 50, `${written.length} lines`)
  const leftOut = written.reduce((sum, { left_out_lines: count = 0 }) => sum + Number(count), 0)
  log.info({ event: 'http_request', status: 500 }, 'request')
  assert.equal(written.length + leftOut + Number(entries().at(-1)?.left_out_lines), 60 * 2000)
})

test('requests that were answered, and other events, are all written beside a flood', () => {
  const { log, entries } = record('info')
  for (let n = 0; n < 2000; n++) {
    log.warn({ event: 'security_violation' }, 'refused')
    log.info({ event: 'http_request', status: 200 }, 'request')
  }
  log.info({ event: 'login_success' }, 'in')
  const count = (name: string) => entries().filter(({ event }) => event === name).length
  assert.deepEqual([count('http_request'), count('security_violation'), count('login_success')], [2000, 500, 1])
})

function record(level: LoggerOptions['level']) {
  const clock = createManualClock()
  const lines: string[] = []
  const log = createLogger({ level, clock, write: (line) => void lines.push(line) })
  const entries = () => lines.map((line): Record<string, unknown> => JSON.parse(line))
  return { log, clock, entries }
}
