import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountKey, typedKey } from './account-key.ts'

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
    // Active Directory and the usual collations of MySQL and SQL Server find alice by these as well.
    'àlice',
    'a\u0301lice',
    'alıce',
    'ALİCE',
    'LAB\\alice',
  ]
  for (const typed of spellings) assert.equal(accountKey('local', typed), key, JSON.stringify(typed))
})

test('letters that a directory may write with two are those two', () => {
  assert.equal(accountKey('ldap', 'strauß'), accountKey('ldap', 'STRAUSS'))
  assert.equal(accountKey('ldap', 'næss'), accountKey('ldap', 'naess'))
  assert.equal(accountKey('ldap', 'ørsted'), accountKey('ldap', 'orsted'))
})

test('what stands before or behind a name at length brings no other budget', () => {
  const key = accountKey('facility', 'alice')
  assert.equal(accountKey('facility', `${' '.repeat(2000)}alice`), key)
  assert.equal(accountKey('facility', `alice${' '.repeat(2000)}`), key)
  const long = (end: string) => accountKey('facility', `${'a'.repeat(2000)}${end}`)
  assert.equal(long('b'), long('c'), 'nobody has such a name: those that begin alike are one')
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

test('what was typed is itself and nothing else, whatever it looks like', () => {
  const typed = ['alice', 'Alice', 'alice ', 'alice@a', 'alice@b', 'àlice'].map((name) => typedKey('local', name))
  assert.equal(new Set([...typed, typedKey('sso', 'alice'), accountKey('local', 'alice')]).size, typed.length + 2)
})
