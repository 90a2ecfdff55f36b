// A Redis Cluster of three primaries: the contract, the lack of a server, slots that move, and a failover.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  findFreePort,
  isMissing,
  type OwnRedis,
  startOwnRedis,
  startRedisCluster,
} from '../../../test/support/programs.ts'
import { keyValueContract } from '../key-value.contract.ts'
import { openNode, openTwoNodes, readRedisConfig, until } from './redis.fixture.ts'
import { slotOf } from './redis-slot.ts'

const plain = await startRedisCluster()
const skip = isMissing(plain) && plain.missing
const long = { ttlMs: 60_000 }

if (!isMissing(plain)) {
  const config = readRedisConfig({ cluster: { nodes: plain.nodes.slice(0, 1) } })
  keyValueContract('redis cluster', () => openTwoNodes(config, plain.stop))
}

/** A key for each third of the slots. */
const keys = [0, 1, 2].map((third) => {
  for (let n = 0; ; n += 1) if (Math.floor((slotOf(`moving:${n}`) * 3) / 16_384) === third) return `moving:${n}`
})

const start = async (withReplicas: boolean) => {
  const cluster = await startRedisCluster({ withReplicas, nodeTimeoutMs: 1_000 })
  if (isMissing(cluster)) throw new Error(cluster.missing)
  const store = await openNode(readRedisConfig({ cluster: { nodes: cluster.nodes } }))
  const told: (string | undefined)[] = []
  store.changes.subscribe('moving:', (key) => told.push(key))
  await until(() => store.changes.isFresh())
  return {
    ...cluster,
    store,
    told,
    async [Symbol.asyncDispose]() {
      await store.stop()
      await cluster.stop()
    },
  }
}

describe('redis cluster', { skip }, () => {
  it('spreads over all servers, and hears of changes at each', async () => {
    await using cluster = await start(false)
    for (const key of keys) await cluster.store.set(key, 'x', long)
    const sizes = await Promise.all(cluster.servers.map((server) => server.ask('DBSIZE')))
    assert.deepEqual(sizes.map(Number), [1, 1, 1])
    await until(() => keys.every((key) => cluster.told.includes(key)))
  })

  it('goes after slots that move, believes nothing meanwhile, and hears of changes at the new place', async () => {
    await using cluster = await start(false)
    const [from, to] = cluster.servers as [OwnRedis, OwnRedis]
    const [key] = keys as [string]
    await cluster.store.set(key, 'kept', long)
    const slot = String(slotOf(key))
    const [fromId, toId] = await Promise.all([from.ask('CLUSTER', 'MYID'), to.ask('CLUSTER', 'MYID')])
    await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId))
    await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toId))
    await from.ask('MIGRATE', '127.0.0.1', String(to.port), key, '0', '1000')
    assert.equal(await cluster.store.get(key), 'kept', 'while it is on its way (ASK)')
    assert.equal(await cluster.store.increment(`{${key}}count`, { by: 1, ...long }), 1)
    for (const server of [to, from]) await server.ask('CLUSTER', 'SETSLOT', slot, 'NODE', String(toId))
    assert.equal(await cluster.store.get(key), 'kept', 'when it is there (MOVED)')
    await until(() => cluster.store.changes.isFresh())
    cluster.told.length = 0
    await to.ask('DEL', key)
    await until(() => cluster.told.includes(key))
  })

  it('follows slots to a server that has just joined, without a refusal', async () => {
    await using cluster = await start(false)
    const [from, other] = cluster.servers as [OwnRedis, OwnRedis]
    const [key] = keys as [string]
    await cluster.store.set(key, 'kept', long)
    const busPort = String(await findFreePort())
    const joining = await startOwnRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', busPort] })
    assert.ok(!isMissing(joining))
    try {
      await from.ask('CLUSTER', 'MEET', '127.0.0.1', String(joining.port), busPort)
      const [fromId, id] = await Promise.all([from.ask('CLUSTER', 'MYID'), joining.ask('CLUSTER', 'MYID')])
      const knows = async (server: OwnRedis) =>
        String(await server.ask('CLUSTER', 'NODES')).includes(`${String(id)} 127`)
      await until(async () => (await Promise.all([from, other].map(knows))).every(Boolean))
      await until(async () => String(await joining.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'))
      const slot = String(slotOf(key))
      await joining.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId))
      await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(id))
      await from.ask('MIGRATE', '127.0.0.1', String(joining.port), key, '0', '1000')
      assert.equal(await cluster.store.get(key), 'kept', 'while it is on its way (ASK)')
      for (const server of [joining, from]) await server.ask('CLUSTER', 'SETSLOT', slot, 'NODE', String(id))
      assert.equal(await cluster.store.get(key), 'kept', 'when it is there (MOVED)')
    } finally {
      await joining.stop()
    }
  })

  it('refuses what a missing server has, and is healthy and fresh only as a whole', async () => {
    await using cluster = await start(false)
    const [gone] = cluster.servers as [OwnRedis]
    await gone.halt()
    const [lost] = keys as [string]
    await until(() =>
      cluster.store.get(lost).then(
        () => false,
        () => true,
      ),
    )
    const askedAt = performance.now()
    await assert.rejects(cluster.store.get(lost), { code: 'storage.unavailable', status: 503 })
    assert.ok(performance.now() - askedAt < 50)
    await until(() => !cluster.store.changes.isFresh())
    await assert.rejects(cluster.store.health())
    await gone.restart()
    await until(() => cluster.store.set(lost, 'back', long).catch(() => false))
    await until(() => cluster.store.changes.isFresh())
    assert.ok((await cluster.store.health()).healthy)
  })

  it('follows a failover within ten seconds, and a planned one', async (t) => {
    await using cluster = await start(true)
    const { store, servers } = cluster
    const [primary, second, , replica] = servers as [OwnRedis, OwnRedis, OwnRedis, OwnRedis]
    const [key, other] = keys as [string, string]
    await store.set(key, 'kept', long)
    await until(async () => Number(await primary.ask('WAIT', '1', '100')) === 1)
    primary.signal('SIGKILL')
    const killedAt = performance.now()
    const backAfter = async (): Promise<number> => {
      await until(() => store.set(`${key}:{${key}}`, 'x', long).catch(() => false))
      return Math.round(performance.now() - killedAt)
    }
    await until(() =>
      store.get(key).then(
        () => false,
        () => true,
      ),
    )
    const ms = await backAfter()
    await until(() => store.changes.isFresh())
    t.diagnostic(`writes again ${ms} ms after the kill, fresh after ${Math.round(performance.now() - killedAt)} ms`)
    assert.ok(ms < 10_000)
    assert.equal(await store.get(key), 'kept')
    assert.ok(cluster.told.includes(undefined))
    assert.match(String(await replica.ask('ROLE')), /^master/)

    const standby = servers[4] as OwnRedis
    await standby.ask('CLUSTER', 'FAILOVER')
    await until(async () => String(await second.ask('ROLE')).startsWith('slave'))
    await until(() => store.set(other, 'y', long).catch(() => false))
    await until(() => store.changes.isFresh())
    cluster.told.length = 0
    await standby.ask('DEL', other)
    await until(() => cluster.told.includes(other))
  })
})
