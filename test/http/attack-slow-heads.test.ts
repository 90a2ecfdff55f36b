// Many clients that never finish the head of a request are let go one after the other, as they came: to close thousands
// at the same moment would hold up everybody else.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startEdge } from '../support/start-edge.ts'

const HEAD_MS = 1_000
/** Looked for only once a second, one of those who came over a second would stay almost a second too long. */
const MOST_OVER_MS = 600

test('who takes too long over a head is let go soon after its time', { timeout: 20_000 }, async () => {
  await using edge = await startEdge({ headTimeoutMs: HEAD_MS })
  const staying = Array.from({ length: 10 }, async (_, index) => {
    await pause(index * 100)
    const socket = connect(edge.port, '127.0.0.1').resume()
    socket.write('GET / HTTP/1.1\r\n')
    const fromMs = performance.now()
    await once(socket, 'close')
    return performance.now() - fromMs - HEAD_MS
  })
  const overMs = await Promise.all(staying)
  assert.ok(Math.max(...overMs) < MOST_OVER_MS, `too long by ${overMs.map(Math.round).join(', ')} ms`)
})
