// The ways to write down where Redis is, and what is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readRedisConfig as read } from './redis.fixture.ts'
import { toRedisLogin, toSingleAddress } from './redis-config.ts'

const certificate = fileURLToPath(new URL('../../../test/fixtures/tls/localhost.pem', import.meta.url))
const key = fileURLToPath(new URL('../../../test/fixtures/tls/localhost-key.pem', import.meta.url))
const password = { env: 'REDIS' }
const env = { REDIS: 'CANARY' }

test('an address or fields say the same', () => {
  const byUrl = read({ url: 'redis://gate%40lab@redis.example.org:6380/3', password }, env)
  const byFields = read({ host: 'redis.example.org', port: 6380, database: 3, user: 'gate@lab', password }, env)
  for (const config of [byUrl, byFields]) {
    assert.deepEqual(toSingleAddress(config), { host: 'redis.example.org', port: 6380 })
    const { user, database, tls } = toRedisLogin(config)
    assert.deepEqual({ user, database, tls }, { user: 'gate@lab', database: 3, tls: false })
    assert.equal(toRedisLogin(config).password?.reveal(), 'CANARY')
  }
})

test('what is left out is usual', () => {
  assert.deepEqual(toSingleAddress(read({ url: 'redis://127.0.0.1' })), { host: '127.0.0.1', port: 6379 })
  assert.deepEqual(toSingleAddress(read({ url: 'redis://[::1]/' })), { host: '::1', port: 6379 })
  assert.equal(toRedisLogin(read({ host: 'localhost' })).database, 0)
  const { sentinel } = read({ sentinel: { primary: 'main', nodes: ['localhost', '[::1]:26380'] } })
  assert.deepEqual(sentinel?.nodes, [
    { host: 'localhost', port: 26379 },
    { host: '::1', port: 26380 },
  ])
})

test('rediss:// is TLS, and `tls` is too', () => {
  assert.equal(toRedisLogin(read({ url: 'rediss://localhost' })).tls, true)
  assert.equal(toRedisLogin(read({ host: 'localhost', tls: true })).tls, true)
  const own = toRedisLogin(read({ url: 'rediss://localhost', tls: { ca: certificate } })).tls
  assert.ok(typeof own === 'object' && own.ca?.includes('BEGIN CERTIFICATE') && !own.dangerouslyAcceptAnyCertificate)
})

const away = 'redis.example.org'
const accepted: readonly (readonly [what: string, settings: object])[] = [
  ['this machine without a password', { url: 'redis://127.0.0.1:6379' }],
  ['another with one', { host: away, password }],
  ['another that asks for a certificate', { host: away, tls: { certificate, key } }],
  ['another without, on purpose', { host: away, dangerouslyNoPassword: true }],
  ['a cluster with a password', { cluster: { nodes: [away] }, password }],
]

for (const [what, settings] of accepted) {
  test(`accepted: ${what}`, () => void read(settings, env))
}

const refused: readonly (readonly [what: string, settings: object, said: RegExp])[] = [
  ['nowhere', {}, /it is not said where Redis is/],
  ['twice', { url: 'redis://localhost', host: 'localhost' }, /named 2 times[\s\S]*write one of url, host/],
  ['thrice', { host: 'a', cluster: { nodes: ['a'] }, sentinel: { primary: 'm', nodes: ['a'] } }, /named 3 times/],
  ['http', { url: 'http://localhost' }, /an address is redis:\/\/HOST:PORT/],
  ['a password in the address', { url: 'redis://u:secret@localhost' }, /not written into the address/],
  ['options in the address', { url: 'redis://localhost/0?tls=1' }, /ends with the number/],
  ['a path in the address', { url: 'redis://localhost/0/1' }, /after the slash comes the number/],
  ['a broken escape', { url: 'redis://%FF@localhost' }, /escape of UTF-8/],
  ['the user twice', { url: 'redis://ada@localhost', user: 'ada' }, /the user is named twice/],
  ['the database twice', { url: 'redis://localhost/1', database: 1 }, /the database is named twice/],
  ['a database in a cluster', { cluster: { nodes: ['localhost'] }, database: 1 }, /a cluster has database 0 only/],
  ['no Sentinels', { sentinel: { primary: 'main', nodes: [] } }, /name at least one/],
  ['a Sentinel with a path', { sentinel: { primary: 'main', nodes: ['s/1'] } }, /a server is HOST or HOST:PORT/],
  ['port 70000', { cluster: { nodes: ['s:70000'] } }, /a server is HOST or HOST:PORT/],
  ['a certificate without its key', { host: 'localhost', tls: { certificate } }, /certificate and key go together/],
  ['another machine without a password', { host: away }, /needs a password[\s\S]*dangerouslyNoPassword/],
  ['the same by URL', { url: `redis://${away}:6379/0` }, /needs a password/],
  ['Sentinels elsewhere without one', { sentinel: { primary: 'm', nodes: ['localhost', away] } }, /needs a password/],
  ['a cluster elsewhere without one', { cluster: { nodes: [away] } }, /needs a password/],
  ['an empty password', { host: 'localhost', password: { env: 'EMPTY' } }, /EMPTY is empty/],
]

for (const [what, settings, said] of refused) {
  test(`refused: ${what}`, () => {
    assert.throws(() => read(settings, { ...env, EMPTY: '' }), said)
  })
}
