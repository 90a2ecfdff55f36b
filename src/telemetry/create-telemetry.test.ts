import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { telemetryConfig } from './config.ts'
import { createTelemetry, type LogEntry } from './create-telemetry.ts'

test('metrics are at an address of their own, and nothing else is there', async (t) => {
  const { telemetry, url } = await started(t, { metrics: { listen: '127.0.0.1:0', prefix: 'lab' } })
  telemetry.metrics.counter({ name: 'logins_total', help: 'Logins.' }).add({})
  const answer = await fetch(url)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const text = await answer.text()
  for (const name of ['lab_logins_total 1', 'process_resident_memory_bytes ', 'nodejs_eventloop_lag_p99_seconds ']) {
    assert.ok(text.includes(`\n${name}`), name)
  }
  assert.equal((await fetch(new URL('/', url))).status, 404)
  assert.equal((await fetch(new URL('/metrics/x', url))).status, 404)
  assert.equal((await fetch(url, { method: 'POST' })).status, 405)
})

test('a gauge that fails is logged, and the scrape says so', async (t) => {
  const { telemetry, url, entries } = await started(t, { metrics: { listen: '127.0.0.1:0' } })
  telemetry.metrics.gauge({ name: 'broken', help: 'Broken.' }, () => {
    throw new Error('store is away')
  })
  assert.equal((await fetch(url)).status, 500)
  assert.deepEqual(
    entries.map(({ event, level }) => [event, level]),
    [['scrape_failed', 'error']],
  )
})

test('stopping closes the listener, twice is no harm', async (t) => {
  const { telemetry, url } = await started(t, { metrics: { listen: '127.0.0.1:0' } })
  await telemetry.stop()
  await telemetry.stop()
  await assert.rejects(fetch(url))
  assert.equal(telemetry.metricsUrl, undefined)
})

test('an address in use is an error that names the key to change', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => void taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  assert.ok(address !== null && typeof address === 'object')
  const config = telemetryConfig.parse({ metrics: { listen: `127.0.0.1:${address.port}` } })
  const telemetry = createTelemetry(config, createManualClock(), { sink: () => {} })
  await assert.rejects(telemetry.start(), /EADDRINUSE.*telemetry\.metrics\.listen/)
  await telemetry.stop()
})

test('metrics can be switched off; what features count is simply not shown', async (t) => {
  const { telemetry } = await started(t, { metrics: false })
  telemetry.metrics.counter({ name: 'logins_total', help: 'Logins.' }).add({})
  assert.equal(telemetry.metricsUrl, undefined)
})

test('a sink receives events as a collector would read them', async (t) => {
  const { telemetry, entries } = await started(t, { metrics: false, log: { level: 'debug' } })
  telemetry.log.debug({ event: 'login_failed', password: 'CANARY', tries: 3 }, 'no')
  assert.deepEqual(entries, [
    {
      level: 'debug',
      time: '2026-01-01T00:00:00.000Z',
      event: 'login_failed',
      password: '[redacted]',
      tries: 3,
      msg: 'no',
    },
  ])
})

test('what is no address, no prefix or no key is refused', () => {
  for (const config of [
    { metrics: { listen: 'systemd' } },
    { metrics: { listen: 'unix:/run/metrics.sock' } },
    { metrics: { prefix: 'Lab-1' } },
    { metrics: true },
    { log: { level: 'trace' } },
    { logs: {} },
  ]) {
    assert.equal(telemetryConfig.safeParse(config).success, false, JSON.stringify(config))
  }
  assert.deepEqual(telemetryConfig.parse({}), {
    log: { level: 'info', destination: 'stdout' },
    metrics: { listen: { kind: 'tcp', host: '127.0.0.1', port: 9090 }, prefix: 'gatehouse' },
  })
})

async function started(t: TestContext, config: unknown) {
  const entries: LogEntry[] = []
  const telemetry = createTelemetry(telemetryConfig.parse(config), createManualClock(), {
    sink: (entry) => void entries.push(entry),
  })
  await telemetry.start()
  t.after(telemetry.stop)
  return { telemetry, entries, url: telemetry.metricsUrl ?? '' }
}
