// How often somebody may ask: counted for the person, over all of their sessions, and for the address.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { problem } from './post.ts'

const LIMITED = {
  status: 429,
  type: 'rate-limit-exceeded',
  title: 'You have reached your API query rate limit.',
}

test('a person’s sessions share one limit, and others have their own', async () => {
  await using lab = await startBackendAiLab({ backendAi: { rates: { user: '5/1m' } } })
  const [one, other, grace] = [await lab.logIn(), await lab.logIn(), await lab.logIn('grace@example.org')]
  for (const client of [one, other, one, other, one]) assert.equal((await client.ask('/func/folders')).status, 200)
  for (const client of [one, other]) {
    const answer = await client.ask('/func/folders')
    assert.deepEqual(problem(answer), LIMITED)
    assert.match(String(answer.headers['retry-after']), /^\d+$/)
    assert.match(String(answer.headers['ratelimit-policy']), /q=5;w=60/)
  }
  assert.equal((await grace.ask('/func/folders')).status, 200)
  // Who is not known is not counted as anybody.
  assert.equal((await lab.stranger().ask('/func/')).status, 200)
})

test('an address has one limit', async () => {
  await using lab = await startBackendAiLab({ backendAi: { rates: { address: '3/1m' } } })
  for (let count = 0; count < 3; count++) assert.equal((await lab.stranger().ask('/func/')).status, 200)
  assert.deepEqual(problem(await lab.stranger().ask('/func/')), LIMITED)
})
