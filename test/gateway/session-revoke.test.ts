// Ending one's own other session (security.md S3, W4): it is over at once, with the WebSocket that it holds open.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestClient } from '../support/http-client.ts'
import { type Lab, startLab } from './lab.ts'

let echo: EchoUpstream
let lab: Lab

before(async () => {
  echo = await startEchoUpstream()
  lab = await startLab({ config: { upstreams: [{ path: '/api/', to: echo.url, allow: ['group:lab'] }] } })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await echo.close()
})

interface Listed {
  readonly ref: string
  readonly current: boolean
}

const listOf = async (client: TestClient): Promise<readonly Listed[]> =>
  ((await client.get('/api/v1/sessions')).json() as { sessions: readonly Listed[] }).sessions

async function openSocket(client: TestClient): Promise<WebSocket> {
  const url = `${lab.url.replace('http', 'ws')}/api/socket`
  const socket = new WebSocket(url, { origin: lab.url, headers: { cookie: client.cookieHeader() } })
  await once(socket, 'open')
  return socket
}

const ways: Readonly<Record<string, (client: TestClient, ref: string) => Promise<number>>> = {
  'over the API': async (client, ref) => {
    const headers = { origin: lab.url }
    return (await client.send(`/api/v1/sessions/${ref}`, { method: 'DELETE', headers })).status
  },
  'on the account page': async (client, ref) => (await client.post(`/account/sessions/${ref}/revoke`)).status,
}

for (const [way, revoke] of Object.entries(ways)) {
  test(`revoked ${way}, another session and its WebSocket end within a second, this one goes on`, {
    timeout: 30_000,
  }, async () => {
    const [here, there] = [await lab.logIn('ada'), await lab.logIn('ada')]
    const [kept, lost] = [await openSocket(here), await openSocket(there)]
    const [{ ref: refThere } = assert.fail()] = (await listOf(there)).filter(({ current }) => current)
    const closed = once(lost, 'close')

    const startedAtMs = performance.now()
    assert.ok([204, 303].includes(await revoke(here, refThere)))
    const [code, reason] = (await closed) as [number, Buffer]
    const tookMs = performance.now() - startedAtMs
    assert.deepEqual([code, reason.toString()], [4401, 'the session has ended: revoked'])
    assert.ok(tookMs < 1_000, `${tookMs} ms`)
    assert.equal((await there.get('/api/v1/sessions')).status, 401)
    assert.equal((await there.get('/api/x')).status, 401)

    kept.send('still here')
    assert.equal(String((await once(kept, 'message'))[0]), 'still here')
    kept.close()
    assert.ok((await listOf(here)).every(({ ref }) => ref !== refThere))
  })
}

test('somebody else’s session cannot be ended, not even by who knows its reference', async () => {
  const [ada, mallory] = [await lab.logIn('ada'), await lab.logIn('mallory')]
  const [{ ref } = assert.fail()] = (await listOf(ada)).filter(({ current }) => current)
  for (const revoke of Object.values(ways)) assert.equal(await revoke(mallory, ref), 404)
  assert.ok((await listOf(mallory)).every((session) => session.ref !== ref))
  assert.equal((await ada.get('/api/v1/sessions')).status, 200)
})
