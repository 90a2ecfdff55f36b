import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLifecycle, orderByRequirement } from './lifecycle.ts'
import type { Part } from './module.ts'

const recorder = () => {
  const calls: string[] = []
  const part = (id: string, overrides: Partial<Part<unknown>> = {}) => ({
    id,
    part: {
      api: undefined,
      start: async () => void calls.push(`start ${id}`),
      drain: async () => void calls.push(`drain ${id}`),
      stop: async () => void calls.push(`stop ${id}`),
      ...overrides,
    },
  })
  return { calls, part }
}
const ignore = () => undefined

test('starts in order, stops in reverse, once', async () => {
  const { calls, part } = recorder()
  const lifecycle = createLifecycle([part('a'), part('b')], ignore)
  await lifecycle.start()
  await lifecycle.drain(AbortSignal.timeout(1000))
  await lifecycle.stop()
  await lifecycle.stop()
  assert.deepEqual(calls, ['start a', 'start b', 'drain a', 'drain b', 'stop b', 'stop a'])
})

test('a failed start stops what had started, itself included, and says why', async () => {
  const { calls, part } = recorder()
  const failing = part('b', { start: () => Promise.reject(new Error('no database')) })
  const lifecycle = createLifecycle([part('a'), failing, part('c')], ignore)
  await assert.rejects(lifecycle.start(), /no database/)
  assert.deepEqual(calls, ['start a', 'stop b', 'stop a'])
})

test('a part that fails to stop is reported and does not keep the others', async () => {
  const { calls, part } = recorder()
  const reported: string[] = []
  const failing = part('b', { stop: () => Promise.reject(new Error('stuck')) })
  const lifecycle = createLifecycle([part('a'), failing], (id, error) => void reported.push(`${id}: ${String(error)}`))
  await lifecycle.start()
  await lifecycle.stop()
  assert.deepEqual(reported, ['b: Error: stuck'])
  assert.ok(calls.includes('stop a'))
})

test('orders by requirement and refuses unknown and circular ones', () => {
  const module = (id: string, ...requires: string[]) => ({ id, requires })
  const ids = (modules: readonly { readonly id: string }[]) => modules.map(({ id }) => id)
  assert.deepEqual(ids(orderByRequirement([module('c', 'b'), module('b', 'a'), module('a')])), ['a', 'b', 'c'])
  assert.throws(() => orderByRequirement([module('a', 'x')]), /a requires x, which is not listed/)
  assert.throws(() => orderByRequirement([module('a', 'b'), module('b', 'a')]), /a → b → a/)
})
