// Redirects are relayed, never followed; a Location of the upstream itself becomes ours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const relayed = async (location: (origin: string) => string) => {
  await using upstream = await startRecordingUpstream(() => {
    const value = location(upstream.url)
    return `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${value}\r\ncontent-location: ${value}\r\ncontent-length: 0\r\n\r\n`
  })
  await using proxy = await startProxy({ upstreams: [{ to: `${upstream.url}/v1` }], url: 'http://localhost/x' })
  const { text } = await sendRaw(proxy.port, 'GET /x/api/m/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.equal(upstream.requests.length, 1)
  return [...text.matchAll(/^(?:content-)?location: (.*)\r$/gim)].map(([, value]) => value)
}

test('the upstream’s own', async () => {
  const own = ['/x/api/m/jobs/7?x=1', '/x/api/m/jobs/7?x=1']
  assert.deepEqual(await relayed((origin) => `${origin}/v1/jobs/7?x=1`), own)
  assert.deepEqual(await relayed(() => '/v1/jobs/7?x=1'), own)
})

test('anybody else’s', async () => {
  assert.deepEqual(await relayed(() => 'http://elsewhere.test/v1/'), [
    'http://elsewhere.test/v1/',
    'http://elsewhere.test/v1/',
  ])
})
