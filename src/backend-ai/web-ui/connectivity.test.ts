import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createConnectivity, type EndpointGroup } from './connectivity.ts'

function setUp() {
  const clock = createManualClock(Date.UTC(2026, 10, 21, 8))
  const store = { isAway: false, asked: 0 }
  const get = async () => {
    store.asked++
    if (store.isAway) throw new Error('CANARY redis://redis.internal:6379 refused')
    return undefined
  }
  const groups: EndpointGroup[] = []
  const connectivity = createConnectivity({
    clock,
    keyValue: { get },
    version: '26.8.1',
    endpointGroups: () => groups,
  })
  return { clock, store, connectivity, groups }
}

test('the report has the shape that it always had', async () => {
  const { connectivity } = setUp()
  assert.deepEqual(await connectivity.all(), {
    isHealthy: true,
    body: {
      version: '26.8.1',
      component: 'webserver',
      connectivity: {
        overall_healthy: true,
        connectivity_checks: [
          {
            service_group: 'redis',
            component_id: 'session',
            is_healthy: true,
            last_checked_at: '2026-11-21T08:00:00.000Z',
            error_message: null,
          },
        ],
        timestamp: '2026-11-21T08:00:00.000Z',
      },
    },
  })
})

test('a store that is away is told, and nothing of where it is; it is asked once a second, however many ask', async () => {
  const { clock, store, connectivity } = setUp()
  store.isAway = true
  const reports = await Promise.all([connectivity.all(), connectivity.ownStore(), connectivity.all()])
  for (const report of reports) {
    assert.equal(report.isHealthy, false)
    assert.doesNotMatch(JSON.stringify(report), /CANARY|internal/)
  }
  assert.equal(store.asked, 1)
  store.isAway = false
  clock.advance(999)
  assert.equal((await connectivity.ownStore()).isHealthy, false)
  clock.advance(1)
  assert.equal((await connectivity.ownStore()).isHealthy, true)
  assert.equal(store.asked, 2)
})

test('an endpoint that is left out degrades the whole, and does not keep the process from living', async () => {
  const { connectivity, groups } = setUp()
  groups.push({ name: 'manager-endpoints', endpoints: [{ isHealthy: true }, { isHealthy: false }] })
  const { isHealthy, body } = await connectivity.all()
  assert.equal(isHealthy, false)
  assert.match(JSON.stringify(body), /"manager-endpoints","component_id":"endpoint-2","is_healthy":false/)
  assert.equal((await connectivity.ownStore()).isHealthy, true)
})
