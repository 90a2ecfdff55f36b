import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dumpStores } from '../e2e/dump-stores.ts'
import { createManualClock } from './manual-clock.ts'
import { ada, grace, loginAs, mallory } from './personas.ts'
import { startGateway } from './start-gateway.ts'
import { openTestStores, storeOfThisRun } from './test-stores.ts'

describe('a gateway under test', () => {
  test('is the real one, with every key of the configuration at hand', async () => {
    await using gateway = await startGateway({
      config: [{ server: { branding: { title: 'First' } } }, { server: { branding: { title: 'Second' } } }],
    })
    const page = await (await fetch(`${gateway.url}/auth/login`)).text()
    assert.match(page, /Second/)
    assert.equal((await fetch(gateway.metricsUrl)).status, 200)
    assert.ok(gateway.logs.some(({ event }) => event === 'ready'))
  })

  test('says what is wrong with a configuration as an operator would read it', async () => {
    await assert.rejects(startGateway({ config: { server: { lisen: 'x' } } }), /listen/)
  })

  test('knows the personas, each with a session of their own', async () => {
    await using gateway = await startGateway()
    const clients = [await loginAs(gateway, ada), await loginAs(gateway, grace), await loginAs(gateway, mallory)]
    const names = await Promise.all(
      clients.map(async (client) => ((await client.get('/api/v1/sessions/current')).json() as Current).user.username),
    )
    assert.deepEqual(names, ['ada', 'grace', 'mallory'])
    assert.equal(new Set(clients.map((client) => client.cookieHeader())).size, 3)
  })

  test('keeps its state where this run says', async () => {
    await using stores = await openTestStores()
    await using gateway = await startGateway({ stores })
    await loginAs(gateway, ada)
    const dialects = {
      embedded: 'sqlite',
      'redis-postgres': 'postgres',
      'redis-mariadb': 'mysql',
      'sentinel-mariadb': 'mysql',
    }
    assert.equal(gateway.apis.storage.dialect, dialects[storeOfThisRun()])
    const kept = await dumpStores(stores)
    assert.ok(kept.includes('ada'))
    assert.ok(kept.includes(stores.real?.redisPrefix ?? 'kv_values'))
  })

  test('lives by the clock that it is given', async () => {
    const clock = createManualClock(Date.UTC(2026, 5, 1))
    await using gateway = await startGateway({ clock, config: { sessions: { idle: '30m' } } })
    const client = await loginAs(gateway, ada)
    clock.advance(31 * 60_000)
    assert.equal((await client.get('/api/v1/sessions/current')).status, 401)
  })
})

interface Current {
  readonly user: { readonly username: string }
}
