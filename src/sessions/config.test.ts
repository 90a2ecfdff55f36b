import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionsConfig } from './config.ts'

test('nothing configured means one hour idle, twelve in all, no suffix', () => {
  assert.deepEqual(sessionsConfig.parse({}), { idle: 3_600_000, absolute: 43_200_000, cookieSuffix: '' })
})

test('a suffix fits into a cookie name and cannot make one cookie into the other', () => {
  for (const cookieSuffix of ['', '-b', '_2', 'staging']) assert.ok(sessionsConfig.safeParse({ cookieSuffix }).success)
  for (const cookieSuffix of ['-login', '-login-b', 'a b', 'a=b', 'a;b', 'ä', 'x'.repeat(33), 'a\n']) {
    assert.equal(sessionsConfig.safeParse({ cookieSuffix }).success, false, cookieSuffix)
  }
})

test('unknown keys are refused', () => {
  assert.equal(sessionsConfig.safeParse({ idel: '1h' }).success, false)
})
