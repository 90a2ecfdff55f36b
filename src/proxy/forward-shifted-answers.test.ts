// Nobody gets an answer that was meant for another request, whatever an upstream sends behind its answers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const behind = [
  ok('shifted'),
  'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshifted',
  'garbage',
  '\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
]

for (const [index, more] of behind.entries()) {
  test(`bytes behind an answer, case ${index}`, async () => {
    await using upstream = await startRecordingUpstream(({ target }) => ok(target) + more)
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url, connections: 2 }] })
    for (let round = 0; round < 20; round++) {
      const targets = [`/${round}-a`, `/${round}-b`, `/${round}-c`]
      const bodies = await Promise.all(
        targets.map(async (target) => (await fetch(`${proxy.url}/api/m${target}`)).text()),
      )
      assert.deepEqual(bodies, targets)
    }
  })
}

test('a longer body than announced is cut at the announced length', async () => {
  await using upstream = await startRecordingUpstream(() => 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay')
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  for (let round = 0; round < 5; round++) assert.equal(await (await fetch(`${proxy.url}/api/m/`)).text(), 'ok')
})
