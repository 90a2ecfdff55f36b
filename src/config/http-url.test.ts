import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpUrl } from './http-url.ts'

test('the text of a URL stays as it was written', () => {
  for (const text of [
    'https://sso.example.org/realms/lab',
    'http://manager:8081',
    'HTTPS://Example.org:443/a/../b?x=1',
  ]) {
    assert.equal(httpUrl().parse(text), text)
  }
})

test('a URL that is relative, of another scheme, or carries a password or fragment is refused', () => {
  const refused = [
    '',
    '/x',
    'example.org',
    'ftp://h/',
    'javascript:alert(1)',
    'https://',
    'https://u:p@h/',
    'https://h/#x',
  ]
  for (const text of [...refused, 'https://h/a b', 'https://h\\x', ' https://h', 'https:/h']) {
    assert.equal(httpUrl().safeParse(text).success, false, text)
  }
})
