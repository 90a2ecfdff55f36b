import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { defineErrors, GatewayError } from './errors.ts'
import { createEvents } from './events.ts'
import { Secret } from './secret.ts'

const errors = defineErrors('demo', {
  full: {
    status: 503,
    title: 'No room',
    detail: ({ seats }: { readonly seats: number }) => `All ${seats} seats are taken.`,
    hint: 'Come back later.',
    headers: () => ({ 'retry-after': '5' }),
  },
})

test('a catalogue makes errors with code, status, detail and headers', () => {
  const cause = new Error('inner')
  const error = errors.full({ seats: 3 }, { cause, internal: { node: 'a' } })
  assert.ok(error instanceof GatewayError)
  assert.equal(error.code, 'demo.full')
  assert.equal(error.status, 503)
  assert.equal(error.detail, 'All 3 seats are taken.')
  assert.deepEqual(error.headers, { 'retry-after': '5' })
  assert.equal(error.cause, cause)
  assert.deepEqual(error.internal, { node: 'a' })
  assert.deepEqual(errors.catalogue, [{ code: 'demo.full', status: 503, title: 'No room', hint: 'Come back later.' }])
})

test('a secret shows itself only when asked to', () => {
  const secret = new Secret('CANARY')
  const shown = [
    String(secret),
    [secret].join(),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
  ]
  for (const text of shown) assert.doesNotMatch(text, /CANARY/)
  assert.equal(secret.reveal(), 'CANARY')
})

test('an event reaches every listener, though one throws, until it stops listening', () => {
  const reported: unknown[] = []
  const events = createEvents<{ moved: number }>((error) => void reported.push(error))
  const heard: number[] = []
  events.on('moved', () => {
    throw new Error('deaf')
  })
  const stop = events.on('moved', (to) => void heard.push(to))
  events.emit('moved', 1)
  stop()
  events.emit('moved', 2)
  assert.deepEqual(heard, [1])
  assert.equal(reported.length, 2)
})
