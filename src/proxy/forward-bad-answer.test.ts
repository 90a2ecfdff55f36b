// Answers that could be read in two ways, or not at all, are a 502.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const answers: Readonly<Record<string, string>> = {
  'status 888': 'HTTP/1.1 888 Odd\r\ncontent-length: 0\r\n\r\n',
  'status 99': 'HTTP/1.1 99 Odd\r\ncontent-length: 0\r\n\r\n',
  'no HTTP at all': 'SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!',
  'a list of lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\nok!',
  'a negative length': 'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok',
  'length and chunks': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'a coding beside chunks': 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'a control character in a header': 'HTTP/1.1 200 OK\r\nx-a: b\x01c\r\ncontent-length: 2\r\n\r\nok',
  'a header name with a space': 'HTTP/1.1 200 OK\r\nx a: b\r\ncontent-length: 2\r\n\r\nok',
  'a head without end': `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(80_000)}`,
  'protocols switched unasked': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  'protocols switched without saying to what': 'HTTP/1.1 101 Switching Protocols\r\n\r\n999 and more',
}

for (const [name, answer] of Object.entries(answers)) {
  test(name, async () => {
    await using upstream = await startRecordingUpstream(() => answer)
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const response = await fetch(`${proxy.url}/api/m/`)
    const problem = (await response.json()) as { code: string }
    assert.deepEqual([response.status, problem.code], [502, 'upstream.badAnswer'])
    assert.equal(upstream.requests.length, 1, 'not sent again')
  })
}

test('a clean close before any answer is a 502 of its own', async () => {
  await using upstream = await startRecordingUpstream((_request, socket) => void socket.end())
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const response = await fetch(`${proxy.url}/api/m/`, { method: 'POST', body: 'x' })
  assert.equal(((await response.json()) as { code: string }).code, 'upstream.reset')
})
