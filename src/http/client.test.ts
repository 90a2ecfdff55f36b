// Whose address counts.

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import { createClientReader, createTrustCheck, isTrustEntry, markLocal } from './client.ts'

/** @param peer undefined on a unix socket */
function request(peer: string | undefined, headers: Readonly<Record<string, string>>): IncomingMessage {
  const socket = { remoteAddress: peer }
  if (peer === undefined) markLocal(socket)
  // Only these two are read.
  return { socket, headers } as unknown as IncomingMessage
}

const TRUSTED = ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', 'unix']
const read = createClientReader(createTrustCheck(TRUSTED))

test('hops are counted from the right, as far as proxies are trusted', () => {
  const cases: readonly (readonly [peer: string | undefined, forwarded: string | undefined, client: string])[] = [
    ['198.51.100.9', undefined, '198.51.100.9'],
    ['198.51.100.9', '203.0.113.1', '198.51.100.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['10.0.0.1', '203.0.113.1, 203.0.113.2', '203.0.113.2'],
    ['10.0.0.1', '203.0.113.1, 10.0.0.2', '203.0.113.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['::ffff:10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['10.0.0.1', '::ffff:203.0.113.1', '203.0.113.1'],
    ['10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['10.0.0.1', '203.0.113.1:5555', '203.0.113.1'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.1, garbage', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.1, unix', '10.0.0.1'],
    ['fd00::1', '2001:db8::2', '2001:db8::2'],
    ['2001:db8::9', '203.0.113.1', '2001:db8::9'],
    [undefined, '203.0.113.1', '203.0.113.1'],
  ]
  for (const [peer, forwarded, client] of cases) {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
    assert.equal(read(request(peer, headers), false).address, client, `${peer} ${forwarded}`)
  }
})

test('nobody is trusted by default, for the protocol neither', () => {
  const nobody = createClientReader(createTrustCheck([]))
  const headers = { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' }
  const client = { address: '127.0.0.1', protocol: 'http', viaTrustedProxy: false }
  assert.deepEqual(nobody(request('127.0.0.1', headers), false), client)
  assert.equal(nobody(request(undefined, headers), false).address, 'unix')
  assert.equal(read(request('10.0.0.1', headers), false).protocol, 'https')
  assert.equal(read(request('10.0.0.1', { 'x-forwarded-proto': 'gopher' }), true).protocol, 'https')
})

test('a connection whose address is gone is not one on a unix socket', () => {
  const vanished = { socket: {}, headers: { 'x-forwarded-for': '203.0.113.1' } } as unknown as IncomingMessage
  assert.deepEqual(read(vanished, false), { address: 'unknown', protocol: 'http', viaTrustedProxy: false })
})

test('a range of all addresses is no trust entry, nor is a name', () => {
  for (const entry of TRUSTED) assert.ok(isTrustEntry(entry), entry)
  for (const entry of [
    '0.0.0.0/0',
    '::/0',
    'proxy.test',
    '',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '300.1.1.1',
  ]) {
    assert.ok(!isTrustEntry(entry), entry)
  }
})

test('no header makes it throw, or puts what is not an address into the log', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (header) => {
      const { address } = read(request('10.0.0.1', { 'x-forwarded-for': header }), false)
      assert.match(address, /^[0-9A-Fa-f:.]+(%.*)?$/)
    }),
  )
})

test('what is remembered about addresses stays right, however many come', () => {
  const isTrusted = createTrustCheck(['10.0.0.0/16'])
  for (let round = 0; round < 2; round++) {
    for (let count = 0; count < 3000; count++) {
      const rest = `${Math.floor(count / 250)}.${count % 250}`
      assert.equal(isTrusted(`10.0.${rest}`), true)
      assert.equal(isTrusted(`10.1.${rest}`), false)
    }
  }
})
