import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressKey } from './address-key.ts'

test('an IPv4 address stands for itself, however it is written as IPv6', () => {
  for (const address of [
    '192.0.2.7',
    '::ffff:192.0.2.7',
    '::FFFF:192.0.2.7',
    '::ffff:c000:207',
    '0:0:0:0:0:ffff:c000:0207',
  ])
    assert.equal(addressKey(address), '192.0.2.7', address)
})

test('an IPv6 address stands for its /64', () => {
  const cases = {
    '2001:db8:0:1::': '2001:db8:0:1::/64',
    '2001:DB8::1:2:3:4:5': '2001:db8:0:1::/64',
    '2001:db8:0:1:ffff:ffff:ffff:ffff': '2001:db8:0:1::/64',
    '2001:db8::1': '2001:db8:0:0::/64',
    '::1': '0:0:0:0::/64',
    '::': '0:0:0:0::/64',
    'fe80::1%eth0': 'fe80:0:0:0::/64',
    '64:ff9b::192.0.2.7': '64:ff9b:0:0::/64',
  }
  for (const [address, key] of Object.entries(cases)) assert.equal(addressKey(address), key, address)
})

test('two addresses have the same key if and only if their first 64 bits are the same', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  const half = fc.tuple(group, group, group, group)
  const write = (groups: readonly number[]) => groups.map((each) => each.toString(16)).join(':')
  fc.assert(
    fc.property(half, half, half, half, (a, b, c, d) => {
      fc.pre(a.some((each) => each !== 0) && c.some((each) => each !== 0))
      const isSame = write(a) === write(c)
      assert.equal(addressKey(write([...a, ...b])) === addressKey(write([...c, ...d])), isSame)
      assert.equal(addressKey(write([...a, ...b])), addressKey(write([...a, ...d])))
    }),
  )
})

test('anything else stands for itself', () => {
  assert.equal(addressKey('unix'), 'unix')
})
