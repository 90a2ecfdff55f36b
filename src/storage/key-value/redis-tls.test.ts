// Redis behind TLS and a password, Redis that wants a certificate of ours, and servers that are not who they should be.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isMissing, type RedisOptions, startOwnRedis, tlsFiles } from '../../../test/support/programs.ts'
import { keyValueContract } from '../key-value.contract.ts'
import { openNode, openTwoNodes, readRedisConfig, refusalAtStart, until } from './redis.fixture.ts'

const env = { RIGHT: 'CANARY-right', WRONG: 'CANARY-wrong' }
const password = { env: 'RIGHT' }
const ca = tlsFiles.certificate
const guarded: RedisOptions = { tls: 'server', password: env.RIGHT }

const start = async (options: RedisOptions) => {
  const redis = await startOwnRedis(options)
  if (isMissing(redis)) throw new Error(redis.missing)
  return redis
}
const probe = await startOwnRedis()
const skip = isMissing(probe) && probe.missing
if (!isMissing(probe)) await probe.stop()

if (skip === false) {
  keyValueContract('redis with TLS and a password', async () => {
    const redis = await start(guarded)
    return openTwoNodes(readRedisConfig({ url: redis.url, password, tls: { ca } }, env), redis.stop)
  })
}

describe('redis that has to be convinced', { skip }, () => {
  const refusal = (settings: object): Promise<string> => refusalAtStart(readRedisConfig(settings, env))

  it('is given a certificate of ours', async () => {
    const redis = await start({ tls: 'clients' })
    const { certificate, key } = tlsFiles
    assert.equal(await refusal({ url: redis.url, tls: { ca, certificate, key } }), 'started')
    assert.match(
      await refusal({ url: redis.url, tls: { ca } }),
      /Redis cannot be reached \(.*certificate required\); check/,
    )
    await redis.stop()
  })

  it('is not believed without a good certificate, or with a name that is not in it', async () => {
    const redis = await start(guarded)
    const { url } = redis
    assert.match(await refusal({ url, password }), /self-signed certificate/)
    assert.match(await refusal({ url, password, tls: { ca, serverName: 'redis.example.org' } }), /altnames/)
    assert.equal(await refusal({ url, password, tls: { ca, serverName: 'localhost' } }), 'started')
    assert.equal(await refusal({ url, password, tls: { dangerouslyAcceptAnyCertificate: true } }), 'started')
    await redis.stop()
  })

  it('wants the right password and user, which are never told', async () => {
    const redis = await start({ password: env.RIGHT })
    const { url } = redis
    const asUser = url.replace('//', '//gate@')
    const rights = '-@all +@read +@write +@scripting +@connection +time +cluster|info +cluster|nodes -@dangerous'
    await redis.ask('ACL', 'SETUSER', 'gate', 'on', `>${env.WRONG}`, '~*', 'resetchannels', ...rights.split(' '))
    const wrong = await refusal({ url, password: { env: 'WRONG' } })
    assert.match(wrong, /WRONGPASS/)
    assert.doesNotMatch(wrong, /CANARY/)
    assert.match(await refusal({ url }), /NOAUTH/)
    const store = await openNode(readRedisConfig({ url: asUser, password: { env: 'WRONG' } }, env))
    store.changes.subscribe('x:', () => {})
    await until(() => store.changes.isFresh())
    await store.addMember('x:set', 'x', { ttlMs: 1_000 })
    assert.equal(await store.increment('x:count', { by: 1, ttlMs: 1_000 }), 1)
    assert.equal(await store.set('x:x', 'x', { ttlMs: 1_000, onlyIf: { equals: 'y' } }), false)
    await store.stop()
    await redis.stop()
  })

  it('is no replica', async () => {
    const primary = await start({})
    const replica = await start({ args: ['--replicaof', '127.0.0.1', String(primary.port)] })
    assert.match(await refusal({ url: replica.url }), /a replica, not the primary/)
    await Promise.all([replica.stop(), primary.stop()])
  })
})
