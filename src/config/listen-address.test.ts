import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatListenAddress, listenAddress, parseListenAddress } from './listen-address.ts'

test('each way of naming a listener is read', () => {
  assert.deepEqual(parseListenAddress('127.0.0.1:8080'), { kind: 'tcp', host: '127.0.0.1', port: 8080 })
  assert.deepEqual(parseListenAddress(':0'), { kind: 'tcp', host: '0.0.0.0', port: 0 })
  assert.deepEqual(parseListenAddress('[::1]:443'), { kind: 'tcp', host: '::1', port: 443 })
  assert.deepEqual(parseListenAddress('localhost:1'), { kind: 'tcp', host: 'localhost', port: 1 })
  assert.deepEqual(parseListenAddress('unix:/run/g.sock'), { kind: 'unix', path: '/run/g.sock' })
  assert.deepEqual(parseListenAddress('systemd'), { kind: 'systemd' })
})

test('what is read is written back', () => {
  for (const text of ['127.0.0.1:8080', '[::1]:443', 'unix:/run/g.sock', 'systemd']) {
    assert.equal(formatListenAddress(listenAddress().parse(text)), text)
  }
})

test('anything else is refused', () => {
  for (const text of [
    '',
    '8080',
    'host:',
    'host:65536',
    '::1:80',
    'unix:rel',
    'unix:',
    'Systemd',
    'http://h:1',
    'h h:1',
  ]) {
    assert.equal(listenAddress().safeParse(text).success, false, text)
  }
})
