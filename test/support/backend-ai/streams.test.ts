import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import { describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { type Manager, startManager } from './index.ts'
import { ask, signedHeaders } from './signed-client.ts'

const target = '/stream/session/abc/pty?app=ttyd'

function open(manager: Manager, protocols: string[] = [], path = target, headers?: Record<string, string>): WebSocket {
  const ada = manager.accounts.get('ada@example.org')
  const signed = signedHeaders(ada, `127.0.0.1:${manager.port}`, path)
  return new WebSocket(`ws://127.0.0.1:${manager.port}${path}`, protocols, { headers: headers ?? signed })
}

describe('a WebSocket', () => {
  test('echoes, chooses the last protocol, and closes as it is told', async () => {
    await using manager = await startManager()
    const client = open(manager, ['first', 'last'])
    await once(client, 'open')
    assert.equal(client.protocol, 'last')
    const said = async (message: string | Buffer) => {
      client.send(message)
      return once(client, 'message')
    }
    assert.deepEqual(await said('hello'), [Buffer.from('hello'), false])
    assert.deepEqual(await said(Buffer.from([0, 255])), [Buffer.from([0, 255]), true])
    assert.deepEqual(await said('ping'), [Buffer.from('pong'), false])
    assert.equal(((await said('send:5000000'))[0] as Buffer).length, 5_000_000)
    client.send('close:4001:enough')
    assert.deepEqual(await once(client, 'close'), [4001, Buffer.from('enough')])
    const socket = await manager.socket(0)
    assert.equal(socket.request.verified, true)
    assert.equal(socket.request.isUpgrade, true)
    assert.deepEqual(socket.messages[0], 'hello')
  })

  test('knows how the other side closed, and can be closed and dropped by the test', async () => {
    await using manager = await startManager()
    const first = open(manager)
    await once(first, 'open')
    first.close(4002, 'mine')
    assert.deepEqual(await (await manager.socket(0)).closed, { code: 4002, reason: 'mine' })

    const second = open(manager)
    const socket = await manager.socket(1)
    socket.send('unasked')
    assert.deepEqual(await once(second, 'message'), [Buffer.from('unasked'), false])
    socket.close(1012, 'restart')
    assert.deepEqual(await once(second, 'close'), [1012, Buffer.from('restart')])

    const third = open(manager)
    ;(await manager.socket(2)).terminate()
    assert.equal((await once(third, 'close'))[0], 1006)
  })

  test('is refused before the handshake if it is not signed, or where there is none', async () => {
    await using manager = await startManager()
    for (const [path, headers, status] of [
      [target, {}, 401],
      ['/elsewhere', undefined, 404],
    ] as const) {
      const client = open(manager, [], path, headers)
      client.on('error', () => {})
      const [, response] = await once(client, 'unexpected-response')
      assert.equal(response.statusCode, status)
      client.terminate()
    }
    assert.equal(manager.sockets.length, 0)
  })

  test('speaks GraphQL', async () => {
    await using manager = await startManager()
    const client = open(manager, ['graphql-transport-ws', 'other'], '/admin/gql')
    await once(client, 'open')
    const next = async (message: object) => {
      client.send(JSON.stringify(message))
      return JSON.parse(String((await once(client, 'message'))[0])) as object
    }
    assert.deepEqual(await next({ type: 'connection_init' }), { type: 'connection_ack' })
    const payload = { query: 'subscription { x }' }
    assert.deepEqual(await next({ id: '1', type: 'subscribe', payload }), {
      id: '1',
      type: 'next',
      payload: { data: payload },
    })
    client.send(JSON.stringify({ type: 'nonsense' }))
    assert.equal((await once(client, 'close'))[0], 4400)
  })
})

describe('events', () => {
  for (const path of ['/events/background-task?task_id=7', '/stream/kernel/_/events']) {
    test(`${path}: one at once, others on demand, and an end`, async () => {
      await using manager = await startManager()
      const headers = signedHeaders(manager.accounts.get('ada@example.org'), `127.0.0.1:${manager.port}`, path)
      const [response] = await once(get(manager.url + path, { headers, agent: false }), 'response')
      assert.equal(response.headers['content-type'], 'text/event-stream')
      const chunks = response[Symbol.asyncIterator]()
      const next = async () => String((await chunks.next()).value)
      assert.match(await next(), /^event: \w+\ndata: \{.*\}\n\n$/)
      assert.equal(manager.events.listeners, 1)
      manager.events.publish('bgtask_done', { message: 'ok' })
      assert.equal(await next(), 'event: bgtask_done\ndata: {"message":"ok"}\n\n')
      manager.events.end()
      assert.match(await next(), /^event: server_close\n/)
      assert.equal((await chunks.next()).done, true)
      await manager.events.whenListeners(0)
      assert.equal((await ask(manager.url + path)).status, 401)
    })
  }
})

describe('GraphQL', () => {
  const query = 'query { keypair { user_id resource_policy user } }'
  test('knows who asks, and gives back what it does not know', async () => {
    await using manager = await startManager()
    const ada = manager.accounts.get('ada@example.org')
    for (const path of ['/admin/gql', '/admin/graphql']) {
      const post = async (body: object) =>
        (await ask(manager.url + path, { method: 'POST', body: JSON.stringify(body), as: ada })).json()
      const keypair = { user_id: ada.username, resource_policy: 'default', user: ada.userId }
      assert.deepEqual(await post({ query, variables: {} }), { data: { keypair } })
      const other = 'query { users { keypair { user_id } } }'
      assert.deepEqual(await post({ query: other }), { data: { query: other } })
    }
    assert.equal((await ask(`${manager.url}/admin/gql`, { method: 'POST', body: '{}', as: ada })).status, 400)
    assert.equal((await ask(`${manager.url}/admin/gql?query=x`, { as: ada })).status, 200)
  })

  test('streams to whoever takes events', async () => {
    await using manager = await startManager()
    const ada = manager.accounts.get('ada@example.org')
    const post = (text: string) =>
      ask(`${manager.url}/admin/gql`, {
        method: 'POST',
        headers: { Accept: 'text/event-stream' },
        body: JSON.stringify({ query: text }),
        as: ada,
      })
    assert.match(String((await post('query { x }')).bytes), /^event: next\ndata: .*\n\nevent: complete\n/)
    const subscription = post('subscription { x }')
    await manager.events.whenListeners(1)
    manager.events.publish('next', { data: 2 })
    manager.events.end()
    assert.match(String((await subscription).bytes), /event: next\ndata: \{"data":2\}\n\nevent: complete\n/)
  })
})
