// A mount may leave the writing of an answer to the front door: it goes out as those of our own routes do.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mount } from '#http'
import { ask } from '../gateway/ask.ts'
import { startEdge } from '../support/start-edge.ts'

const mount: Mount = {
  id: 'answering',
  prefix: '/answering/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  async serve(ctx) {
    ctx.responseCookies.push({ name: 'a', value: '1', sameSite: 'Lax' })
    return { kind: 'json', status: 202, body: { said: 'yes' }, headers: { 'x-more': '1' } }
  },
}

test('what a mount returns is written like an answer of a route', async () => {
  await using edge = await startEdge({ mounts: [mount] })
  const answer = await ask({ host: '127.0.0.1', port: edge.port, path: '/answering/x' })
  assert.equal(answer.status, 202)
  assert.deepEqual(JSON.parse(answer.text), { said: 'yes' })
  const { headers } = answer
  assert.equal(headers['x-more'], '1')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(String(headers['set-cookie']), /^a=1;/)
})
