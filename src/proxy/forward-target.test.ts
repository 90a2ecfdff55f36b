// What goes out is what came in, byte for byte, below the path of the upstream.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const suffixes = [
  '',
  'folders',
  'folders/',
  'folders//deep',
  '/folders',
  'projects/group%2Fproject/files',
  'a;b=c/d',
  'p:q@r',
  'x%3Fy',
  'a%25b',
  '%ED%95%9C',
  'q?x=y%2Fz&x=1&a=[1]&b={x}&u=http://h/p?x=y',
  'q?',
  '?only=query',
  "!$&'()*+,=",
]

for (const base of ['', '/v1', '/v1/']) {
  test(`the suffix is appended raw to ${base || 'an upstream without a path'}`, async () => {
    await using upstream = await startRecordingUpstream()
    await using proxy = await startProxy({ upstreams: [{ to: `${upstream.url}${base}` }] })
    for (const [index, suffix] of suffixes.entries()) {
      await sendRaw(proxy.port, `GET /api/m/${suffix} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`, /ok$/)
      assert.equal(upstream.requests[index]?.target, `${base.replace(/\/$/, '')}/${suffix}`)
    }
  })
}

test('a base path of ours is no part of what the upstream sees', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }], url: 'http://127.0.0.1/x' })
  const answer = await sendRaw(proxy.port, 'GET /x/api/m/folders?a=/x/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', /ok$/)
  assert.equal(answer.status, 200)
  assert.equal(upstream.requests[0]?.target, '/folders?a=/x/')
})

test('the longest prefix wins', async () => {
  await using short = await startRecordingUpstream()
  await using long = await startRecordingUpstream()
  const upstreams = [
    { path: '/api/', to: short.url },
    { path: '/api/m/', to: long.url },
  ]
  await using proxy = await startProxy({ upstreams })
  for (const path of ['/api/m/x', '/api/mx']) await fetch(proxy.url + path)
  assert.deepEqual(
    long.requests.map(({ target }) => target),
    ['/x'],
  )
  assert.deepEqual(
    short.requests.map(({ target }) => target),
    ['/mx'],
  )
})
