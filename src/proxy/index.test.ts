import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'
import { proxyErrors } from './index.ts'

test('each upstream is a mount, shown on the home page if it has a title', async () => {
  const upstreams = [
    { path: '/a/', to: 'http://127.0.0.1:1', title: 'Manager', description: 'Runs things.' },
    { path: '/b/', to: 'http://127.0.0.1:1', id: 'plain', webSockets: { origins: ['https://lab.example.org'] } },
  ]
  await using proxy = await startProxy({ upstreams })
  const [shown, plain] = proxy.part.mounts ?? []
  assert.deepEqual(shown?.card, { title: 'Manager', description: 'Runs things.' })
  assert.equal(shown?.mayOpen?.(createFakeContext()).allow, true)
  assert.deepEqual([plain?.id, plain?.prefix, plain?.card], ['plain', '/b/', undefined])
  assert.deepEqual(plain?.webSocketOrigins, ['https://lab.example.org'])
  assert.deepEqual(proxy.part.api.upstreams, ['a', 'plain'])
})

test('creating opens nothing, and stopping closes what was opened', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  assert.equal(upstream.accepted(), 0)
  await fetch(`${proxy.url}/api/m/`)
  assert.equal(upstream.open.size, 1)
  await proxy.part.stop?.()
  await upstream.whenIdle()
  const answer = await fetch(`${proxy.url}/api/m/`)
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [503, 'upstream.stopping'])
})

test('every error of the proxy is in the catalogue once', () => {
  const codes = proxyErrors.catalogue.map(({ code }) => code)
  assert.equal(new Set(codes).size, codes.length)
  assert.ok(
    codes.includes('upstream.timeout') && codes.includes('webSocket.origin') && codes.includes('signer.unsuitable'),
  )
})
