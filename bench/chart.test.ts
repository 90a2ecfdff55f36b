import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawChart } from './chart.ts'
import type { Measurement } from './measure.ts'

const measured = (peer: string, cpuUsPerRequest: number): Measurement => ({
  peer,
  requests: 1,
  cpuUsPerRequest,
  cpuMsPerMiB: 0,
  p50Ms: 0,
  p99Ms: 0,
  rssMiB: 0,
  failures: 0,
})

test('the longest bar is the dearest, and the others are as much shorter as they are cheaper', () => {
  const measurements = [measured('nginx', 10), measured('gatehouse', 25), measured('a<b', 50)]
  const chart = drawChart({ small: { measurements, findings: [] } }, { small: 'A small GET' })
  const widths = [...chart.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))
  assert.deepEqual(
    widths.map((width) => width / (widths[2] ?? 0)),
    [0.2, 0.5, 1],
  )
  for (const text of ['A small GET', 'a&lt;b', '25.0 µs · 2.5 ×']) assert.ok(chart.includes(text), text)
})

test('scenarios without a title or without measurements are not drawn', () => {
  const none = { measurements: [], findings: [] }
  const some = { measurements: [measured('nginx', 1)], findings: [] }
  assert.doesNotMatch(drawChart({ start: none, odd: some }, { start: 'Start' }), /<rect/)
})
