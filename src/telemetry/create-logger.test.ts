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

function record(level: LoggerOptions['level']) {
  const clock = createManualClock()
  const lines: string[] = []
  const log = createLogger({ level, clock, write: (line) => void lines.push(line) })
  const entries = () => lines.map((line): Record<string, unknown> => JSON.parse(line))
  return { log, clock, entries }
}
