// WebSockets that are open when the configuration changes: those of an unchanged service go on, also over several
// reloads; the others end with a code that says why.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestClient } from '../support/http-client.ts'
import { ada, grace, loginAs } from '../support/personas.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

let upstream: EchoUpstream
before(async () => {
  upstream = await startEchoUpstream()
})
after(() => upstream.close())

const layer = (change: Readonly<Record<string, unknown>> = {}) => ({
  identity: [{ id: 'local', type: 'local' }],
  upstreams: [{ id: 'echo', path: '/api/', to: upstream.url, allow: ['group:lab'], ...change }],
})

async function open(gateway: TestGateway, client: TestClient, path = '/api/socket'): Promise<WebSocket> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, {
    origin: gateway.url,
    headers: { cookie: client.cookieHeader() },
  })
  await once(socket, 'open')
  return socket
}

const closeOf = async (socket: WebSocket): Promise<readonly [code: number, reason: string]> => {
  const [code, reason] = (await once(socket, 'close', { signal: AbortSignal.timeout(10_000) })) as [number, Buffer]
  return [code, reason.toString()]
}

async function isEchoing(socket: WebSocket): Promise<boolean> {
  socket.send('still there?')
  const [message] = (await once(socket, 'message')) as [Buffer]
  return message.toString() === 'still there?'
}

const tunnelsOpen = async ({ metricsUrl }: TestGateway): Promise<string | undefined> =>
  /^gatehouse_tunnels_open\{upstream="echo"\} (\d+)$/m.exec(await (await fetch(metricsUrl)).text())?.[1]

test('those of a service that stays go on, are counted, and end with a later reload that would not have them', async () => {
  await using gateway = await startGateway({ config: layer() })
  const socket = await open(gateway, await loginAs(gateway, ada))
  await gateway.reload(layer({ title: 'Renamed', timeouts: { idle: '30s' } }))
  await gateway.reload(layer({ title: 'Renamed again' }))
  assert.ok(await isEchoing(socket))
  assert.equal(await tunnelsOpen(gateway), '1')
  const closed = closeOf(socket)
  await gateway.reload({ ...layer(), upstreams: [] })
  assert.deepEqual(await closed, [4404, 'the service is not offered any more'])
})

test('who is no longer admitted is told so; others at the same service go on', async () => {
  await using gateway = await startGateway({ config: layer() })
  const [hers, adminsOwn] = [
    await open(gateway, await loginAs(gateway, ada)),
    await open(gateway, await loginAs(gateway, grace)),
  ]
  const closed = closeOf(hers)
  await gateway.reload(layer({ allow: ['group:admins'] }))
  assert.deepEqual(await closed, [4403, 'you may not use the service any more'])
  assert.ok(await isEchoing(adminsOwn))
})

test('rules are asked for the path that was opened', async () => {
  await using gateway = await startGateway({ config: layer() })
  const client = await loginAs(gateway, ada)
  const [allowed, refused] = [
    await open(gateway, client, '/api/a/socket'),
    await open(gateway, client, '/api/b/socket'),
  ]
  const closed = closeOf(refused)
  await gateway.reload(layer({ allow: undefined, rules: [{ paths: ['/a/**'], allow: ['group:lab'] }] }))
  assert.equal((await closed)[0], 4403)
  assert.ok(await isEchoing(allowed))
})

test('of a service that is elsewhere now they end as for a restart, and the page may come again', async () => {
  await using elsewhere = await startEchoUpstream()
  await using gateway = await startGateway({ config: layer() })
  const client = await loginAs(gateway, ada)
  const closed = closeOf(await open(gateway, client))
  await gateway.reload(layer({ to: elsewhere.url }))
  assert.deepEqual(await closed, [1012, 'the service has moved'])
  assert.ok(await isEchoing(await open(gateway, client)))
  assert.equal(elsewhere.webSockets.size, 1)
})

test('a logout ends one that outlived a reload, and so does a stop', async () => {
  const gateway = await startGateway({ config: layer() })
  const client = await loginAs(gateway, ada)
  const socket = await open(gateway, client)
  await gateway.reload(layer({ title: 'Renamed' }))
  const closed = closeOf(socket)
  await client.post('/auth/logout')
  assert.equal((await closed)[0], 4401)

  const last = await open(gateway, await loginAs(gateway, ada))
  await gateway.reload(layer())
  const stopped = closeOf(last)
  await gateway.close()
  assert.equal((await stopped)[0], 1012)
})
