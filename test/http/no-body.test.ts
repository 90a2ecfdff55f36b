// Requests that have no body and no header that would say how long one is, whatever their Content-Type says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { defineRoute, json, type Mount, readBody } from '#http'
import { systemClock } from '#kernel'
import { sendRaw } from '../support/raw-http.ts'
import { startEdge } from '../support/start-edge.ts'

const own = (method: 'DELETE' | 'POST' | 'PUT') =>
  defineRoute({
    method,
    path: '/auth/thing',
    routeClass: 'public',
    access: 'public',
    output: { 200: z.object({ method: z.string() }) },
    handle: () => json({ method }),
  })

const reading: Mount = {
  id: 'reading',
  prefix: '/up/',
  routeClass: 'public',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async (ctx, response) => {
    const body = await readBody(ctx, response, systemClock, { maxBytes: 100, timeMs: 10_000 })
    response.end(`${body.length} bytes`)
  },
}

test('are answered at once', { timeout: 30_000 }, async () => {
  await using edge = await startEdge({ routes: [own('DELETE'), own('POST'), own('PUT')], mounts: [reading] })
  for (const path of ['/auth/thing', '/up/x']) {
    for (const method of ['DELETE', 'POST', 'PUT']) {
      for (const type of [
        '',
        'Content-Type: application/json\r\n',
        'Content-Type: application/x-www-form-urlencoded\r\n',
      ]) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${edge.port}\r\n${type}Connection: close\r\n\r\n`
        const { status, text } = await sendRaw(edge.port, head)
        assert.equal(status, 200, `${head}${text}`)
      }
    }
  }
})
