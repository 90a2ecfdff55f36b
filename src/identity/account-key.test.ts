import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountKey } from './account-key.ts'

test('every spelling of a name is one account', () => {
  const key = accountKey('local', 'alice')
  const spellings = [
    'Alice',
    'ALICE',
    ' alice ',
    'alice\t',
    'alice@x',
    'Alice@Example.org',
    'ａｌｉｃｅ',
    'ⓐⓛⓘⓒⓔ',
    'a\u200blice',
    'al\u00adice',
  ]
  for (const typed of spellings) assert.equal(accountKey('local', typed), key, JSON.stringify(typed))
})

test('other names, and the same name elsewhere, are others', () => {
  const keys = [
    accountKey('local', 'alice'),
    accountKey('local', 'alicia'),
    accountKey('sso', 'alice'),
    accountKey('local', ''),
  ]
  assert.equal(new Set(keys).size, keys.length)
})

test('what was typed cannot be read from it', () => {
  assert.match(accountKey('local', 'CANARY'), /^[A-Za-z0-9_-]{22}$/)
})
