import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { test } from 'node:test'
import { createMetrics } from './create-metrics.ts'
import { createRequestMetrics } from './request-metrics.ts'

test('methods that no stranger should need share one label, so that they cannot fill the series', async () => {
  const { metrics, scrape } = createMetrics('gatehouse')
  const requests = createRequestMetrics(metrics)
  for (const method of METHODS) requests.observe({ method, endpoint: '/up/*', statusCode: 401, durationSeconds: 0.1 })
  const labels = new Set([...(await scrape()).matchAll(/_total\{method="([^"]*)"/g)].map(([, method]) => method))
  assert.deepEqual(labels, new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'other']))
})

test('what an error was is counted apart, also after the same answer without one', async () => {
  const { metrics, scrape } = createMetrics('gatehouse')
  const requests = createRequestMetrics(metrics)
  const request = { method: 'GET', endpoint: '/up/*', statusCode: 502, durationSeconds: 0.1 }
  requests.observe(request)
  requests.observe({ ...request, domain: 'proxy', operation: 'connect' })
  requests.observe({ ...request, errorDetail: 'refused' })
  requests.observe(request)
  const counts = [...(await scrape()).matchAll(/count_total\{.*domain="([^"]*)".*error_detail="([^"]*)".*\} (\d)/g)]
  assert.deepEqual(
    counts.map(([, ...rest]) => rest),
    [
      ['', '', '2'],
      ['proxy', '', '1'],
      ['', 'refused', '1'],
    ],
  )
})
