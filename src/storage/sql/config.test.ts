import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sqlConfig, toPlace } from './config.ts'

const refusal = (config: unknown): string => JSON.stringify(sqlConfig.safeParse(config).error?.issues ?? '')

describe('the SQL configuration', () => {
  it('needs no more than the kind of database', () => {
    for (const [type, port] of [
      ['postgres', 5432],
      ['mariadb', 3306],
    ] as const) {
      const { tls, maxConnections, ...rest } = sqlConfig.parse({ type }) as { tls: boolean; maxConnections: number }
      assert.deepEqual([tls, maxConnections], [false, 10])
      assert.deepEqual(toPlace(rest, port), { host: 'localhost', port, database: 'gatehouse', user: 'gatehouse' })
    }
  })

  it('takes an address, or its parts', () => {
    const place = { host: 'db.example.org', port: 3307, database: 'gate/house', user: 'gate@house' }
    const url = 'mariadb://gate%40house@db.example.org:3307/gate%2Fhouse'
    assert.equal(refusal({ type: 'mariadb', url }), '""')
    assert.deepEqual(toPlace({ url }, 3306), place)
    assert.deepEqual(toPlace(place, 3306), place)
    assert.equal(toPlace({ url: 'postgres://[::1]' }, 5432).host, '::1')
    assert.deepEqual(toPlace({ url: 'postgres://db/x' }, 5432), {
      host: 'db',
      port: 5432,
      database: 'x',
      user: 'gatehouse',
    })
  })

  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['a password in the address', { type: 'postgres', url: 'postgres://a:CANARY@db/x' }, /use `password`/],
    ['another protocol', { type: 'mysql', url: 'postgres://db/x' }, /an address is mariadb:/],
    ['options in the address', { type: 'postgres', url: 'postgres://db/x?sslmode=disable' }, /TLS is set with `tls`/],
    ['a path in the address', { type: 'postgres', url: 'postgres://db/x/y' }, /has no slash/],
    ['a bad escape in the address', { type: 'postgres', url: 'postgres://db/%ff' }, /escape of UTF-8/],
    ['two names for one place', { type: 'mysql', url: 'mysql://db/x', port: 3306 }, /named twice/],
    ['a password in clear', { type: 'postgres', password: 'CANARY' }, /referred to/],
    ['a certificate without its key', { type: 'mysql', tls: { certificate: import.meta.filename } }, /PEM|go together/],
    ['a file that is not there', { type: 'postgres', tls: { ca: '/nowhere/ca.pem' } }, /no such file/],
    ['an address where a certificate is checked', { type: 'mariadb', host: '192.0.2.1', tls: true }, /by the name/],
    ['that in an address', { type: 'mariadb', url: 'mariadb://[2001:db8::1]/x', tls: {} }, /by the name/],
    ['one connection', { type: 'mysql', maxConnections: 1 }, />=2/],
  ]
  for (const [name, config, reason] of refused) {
    it(`refuses ${name}`, () => {
      assert.match(refusal(config), reason)
      assert.doesNotMatch(refusal(config), /CANARY/)
    })
  }

  it('lets MariaDB be called by an address where no certificate is checked', () => {
    const tls = { dangerouslyAcceptAnyCertificate: true }
    assert.equal(refusal({ type: 'mariadb', host: '192.0.2.1', tls }), '""')
    assert.equal(refusal({ type: 'postgres', host: '192.0.2.1', tls: true }), '""')
  })
})
