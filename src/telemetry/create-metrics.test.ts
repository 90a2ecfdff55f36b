import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from './create-metrics.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { MAX_SERIES } from './series.ts'

test('a counter adds up by label and shows under its prefix', async () => {
  const { metrics, scrape } = createMetrics('gatehouse')
  const logins = metrics.counter({ name: 'logins_total', help: 'Logins.', labels: ['provider', 'result'] })
  logins.add({ provider: 'sso', result: 'success' })
  logins.add({ result: 'success', provider: 'sso' }, 2)
  logins.add({ provider: 'a"b\\c\n', result: '' })
  assert.equal(
    await scrape(),
    '# HELP gatehouse_logins_total Logins.\n# TYPE gatehouse_logins_total counter\n' +
      'gatehouse_logins_total{provider="sso",result="success"} 3\n' +
      'gatehouse_logins_total{provider="a\\"b\\\\c\\n",result=""} 1\n',
  )
})

test('a counter without labels is there before it counts', async () => {
  const { metrics, scrape } = createMetrics('gatehouse')
  metrics.counter({ name: 'drops_total', help: 'Drops.' })
  assert.match(await scrape(), /^gatehouse_drops_total 0$/m)
})

test('a histogram sums its buckets up', async () => {
  const { metrics, scrape } = createMetrics('g')
  const wait = metrics.histogram({ name: 'wait_seconds', help: 'Wait.', labels: ['to'], buckets: [0.1, 1] })
  for (const value of [0.05, 0.1, 0.5, 7]) wait.observe({ to: 'a' }, value)
  assert.deepEqual((await scrape()).split('\n').slice(2, -1), [
    'g_wait_seconds_bucket{le="0.1",to="a"} 2',
    'g_wait_seconds_bucket{le="1",to="a"} 3',
    'g_wait_seconds_bucket{le="+Inf",to="a"} 4',
    'g_wait_seconds_sum{to="a"} 7.65',
    'g_wait_seconds_count{to="a"} 4',
  ])
})

test('a gauge is asked at each scrape', async () => {
  const { metrics, scrape } = createMetrics('g')
  let value = 1
  metrics.gauge({ name: 'open', help: 'Open.', labels: ['kind'] }, async () => [{ labels: { kind: 'ws' }, value }])
  assert.match(await scrape(), /^g_open\{kind="ws"\} 1$/m)
  value = 2
  assert.match(await scrape(), /^g_open\{kind="ws"\} 2$/m)
})

test('a hundred thousand different labels are a thousand series, and nothing goes uncounted', async () => {
  const { metrics, scrape } = createMetrics('g')
  const requests = metrics.counter({ name: 'requests_total', help: 'Requests.', labels: ['path', 'user'] })
  for (let index = 0; index < 100_000; index++) requests.add({ path: `/${index}`, user: `u${index}` })
  requests.add({ path: 'other', user: 'other' })
  const samples = (await scrape()).split('\n').filter((line) => line.startsWith('g_requests_total{'))
  assert.equal(samples.length, MAX_SERIES + 1)
  assert.equal(samples.at(-1), `g_requests_total{path="other",user="other"} ${100_000 - MAX_SERIES + 1}`)
})

test('a name can be taken once', () => {
  const { metrics } = createMetrics('g')
  metrics.counter({ name: 'a_total', help: 'A.' })
  assert.throws(() => metrics.gauge({ name: 'a_total', help: 'A.' }, () => []), /a_total/)
})

test('a part that is made anew takes its names again: counters go on, gauges are asked while it lives', async () => {
  const { scope, scrape } = createMetrics('g')
  const create = (open: number) => {
    const { metrics, end } = scope()
    metrics.gauge({ name: 'open', help: 'Open.' }, () => [{ value: open }])
    metrics.gauge({ name: 'up', help: 'Up.', combine: 'min' }, () => [{ value: open > 2 ? 1 : 0 }])
    metrics.counter({ name: 'seen_total', help: 'Seen.' }).add({})
    metrics.histogram({ name: 'wait', help: 'Wait.', buckets: [1] }).observe({}, 2)
    return end
  }
  const endFirst = create(2)
  const endSecond = create(3)
  assert.match(await scrape(), /^g_open 5$[\s\S]*^g_up 0$[\s\S]*^g_seen_total 2$[\s\S]*^g_wait_count 2$/m)
  endFirst()
  assert.match(await scrape(), /^g_open 3$[\s\S]*^g_up 1$[\s\S]*^g_seen_total 2$/m)
  endSecond()
  assert.match(await scrape(), /^g_seen_total 2$/m)
})

test('a name means one thing, and once in a scope', () => {
  const { scope } = createMetrics('g')
  const { metrics } = scope()
  metrics.counter({ name: 'a_total', help: 'A.' })
  assert.throws(() => metrics.counter({ name: 'a_total', help: 'A.' }), /a_total/)
  assert.throws(() => scope().metrics.counter({ name: 'a_total', help: 'A.', labels: ['b'] }), /a_total/)
})

test('what several processes measured becomes one, series by series', async () => {
  const process = (seen: number, start: number) => {
    const { metrics, expose, read } = createMetrics('g')
    metrics.counter({ name: 'seen_total', help: 'Seen.', labels: ['by'] }).add({ by: seen > 1 ? 'b' : 'a' }, seen)
    metrics.counter({ name: 'all_total', help: 'All.' }).add({}, seen)
    expose({ name: 'start', help: 'Start.', type: 'gauge', combine: 'min', read: () => [{ labels: {}, value: start }] })
    return read
  }
  const others = [process(1, 20), process(2, 10)]
  const { scrape } = createMetrics('g', () => Promise.all(others.map((read) => read())))
  const lines = (await scrape()).split('\n').filter((line) => /^[^#]/.test(line))
  assert.deepEqual(lines, ['g_seen_total{by="a"} 1', 'g_seen_total{by="b"} 2', 'g_all_total 3', 'start 10'])
})

test('requests are measured under the names, labels and buckets that dashboards for Backend.AI know', async () => {
  const { metrics, scrape } = createMetrics('backendai')
  const requests = createRequestMetrics(metrics)
  requests.observe({ method: 'GET', endpoint: '/func/{path}', statusCode: 200, durationSeconds: 0.02 })
  requests.observe({
    method: 'POST',
    endpoint: '/func/{path}',
    statusCode: 502,
    durationSeconds: 31,
    domain: 'manager',
    operation: 'connect',
    errorDetail: 'refused',
  })
  const text = await scrape()
  const ok = 'method="GET",endpoint="/func/{path}",domain="",operation="",error_detail="",status_code="200"'
  const failed =
    'method="POST",endpoint="/func/{path}",domain="manager",operation="connect",error_detail="refused",status_code="502"'
  for (const sample of [
    `backendai_api_request_count_total{${ok}} 1`,
    `backendai_api_request_count_total{${failed}} 1`,
    `backendai_api_request_duration_sec_bucket{le="0.01",${ok}} 0`,
    `backendai_api_request_duration_sec_bucket{le="0.1",${ok}} 1`,
    `backendai_api_request_duration_sec_bucket{le="30",${failed}} 0`,
    `backendai_api_request_duration_sec_count{${failed}} 1`,
  ]) {
    assert.ok(text.includes(`${sample}\n`), sample)
  }
  const bounds = [...text.matchAll(/_bucket\{le="([^"]+)",method="GET"/g)].map(([, bound]) => bound)
  assert.deepEqual(bounds, ['0.001', '0.01', '0.1', '0.5', '1', '2', '5', '10', '30', '+Inf'])
})
