import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isMailAddress } from './mail-address.ts'

test('one plain address is an address', () => {
  for (const address of ['ada@example.org', 'a.b+c@x', "o'neil@sub.example.org", 'x@xn--bcher-kva.example']) {
    assert.equal(isMailAddress(address), true, address)
  }
})

test('whatever else it is gets no mail', () => {
  const others = [
    '',
    'ada',
    '@example.org',
    'ada@',
    'ada@example.org, eve@example.org',
    'ada@example.org\r\nBcc: eve@example.org',
    'ada@example.org\n',
    'Ada <ada@example.org>',
    '<ada@example.org>',
    '"a b"@example.org',
    'a..b@example.org',
    '.a@example.org',
    'ada@[127.0.0.1]',
    'ada@-example.org',
    'ada@example..org',
    'ada@exa mple.org',
    'ädä@example.org',
    'ada@bücher.example',
    `${'a'.repeat(65)}@example.org`,
    `ada@${'a.'.repeat(126)}org`,
    'ada@example.org\0',
  ]
  for (const text of others) assert.equal(isMailAddress(text), false, JSON.stringify(text))
})

test('no address holds what ends a line or an address', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '.', '@', '\r', '\n', ',', ';', '<', '>', '"', ' ', '-', ':') })
  fc.assert(
    fc.property(part, (text) => {
      if (isMailAddress(text)) assert.match(text, /^[a.-]+@[a.-]+$/)
    }),
  )
})
