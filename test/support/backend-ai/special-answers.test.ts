import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { startManager } from './index.ts'
import { ask, signedHeaders } from './signed-client.ts'

async function startAsking() {
  const manager = await startManager()
  const as = manager.accounts.get('ada@example.org')
  return { manager, as, from: (path: string) => ask(`${manager.url}/test/${path}`, { as }) }
}

test('each status, with the Manager’s problem from 400 on', async () => {
  const { manager, from } = await startAsking()
  await using _ = manager
  for (const status of [200, 204, 207, 302, 304, 400, 401, 403, 404, 409, 422, 429, 500, 503]) {
    const answer = await from(`status/${status}`)
    assert.equal(answer.status, status)
    assert.equal(answer.headers.location, status === 302 || status === 304 ? '/elsewhere?a=1' : undefined)
    if (status < 400) continue
    const problem = answer.json()
    assert.match(String(problem.type), /^https:\/\/api\.backend\.ai\/probs\/[a-z-]+$/)
    assert.deepEqual(Object.keys(problem), ['type', 'title', 'msg'])
  }
})

test('headers of every kind that a gateway must keep, or must not', async () => {
  const { manager, from } = await startAsking()
  await using _ = manager
  assert.deepEqual((await from('cookies')).headers['set-cookie'], ['a=1; Path=/', 'b=2; Path=/'])
  assert.equal((await from('rate-limit')).headers['x-ratelimit-remaining'], '999')
  assert.equal((await from('hop-by-hop')).headers['x-hop'], '1')
  assert.equal((await from('cors')).headers['access-control-allow-origin'], '*')
  const zipped = await from('gzip')
  assert.equal(zipped.headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(zipped.bytes).toString(), 'zipped')
})

test('as many bytes as asked for, no faster than they are read', async () => {
  const { manager, as, from } = await startAsking()
  await using _ = manager
  assert.equal((await from('bytes/200001')).bytes.length, 200_001)
  const target = '/test/bytes/1000000000'
  const headers = signedHeaders(as, `127.0.0.1:${manager.port}`, target)
  const [response] = await once(get(manager.url + target, { headers, agent: false }), 'response')
  await once(response, 'readable')
  response.destroy()
})
