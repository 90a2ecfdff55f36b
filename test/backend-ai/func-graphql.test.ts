// Where GraphQL goes, and how it says whose it is (§4).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedRequest } from '../support/backend-ai/index.ts'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { type LabClient, LabRefusal } from './lab-client.ts'

const QUERY = {
  method: 'POST',
  body: JSON.stringify({ query: 'query { keypair { user_id } }' }),
  headers: { 'content-type': 'application/json' },
}
const USER = { data: { keypair: { user_id: 'ada@example.org', resource_policy: 'default' } } }

const proofsOf = ({ verification: { hmac, token } }: ReceivedRequest) => ({
  hmac: hmac?.isValid ?? 'none',
  token: token?.isValid ?? 'none',
})

async function keypairSeenBy(client: LabClient, path = '/func/admin/gql') {
  const answer = await client.ask(path, QUERY)
  assert.equal(answer.status, 200, answer.bytes.toString())
  const { data } = answer.json() as typeof USER
  return data.keypair.user_id
}

test('with a router, queries go there with a token and a signature, the older address to the Manager', async () => {
  await using lab = await startBackendAiLab({ hasRouter: true })
  const ada = await lab.logIn()
  const asked = lab.manager.counts.all
  assert.equal(await keypairSeenBy(ada), 'ada@example.org')
  assert.equal((await ada.ask('/func/admin/gql?query=%7Buser%7Bemail%7D%7D')).status, 200)
  assert.equal(lab.manager.counts.all, asked)
  for (const request of lab.router.requests) {
    assert.deepEqual(proofsOf(request), { hmac: true, token: true })
    assert.equal(request.target.split('?')[0], '/admin/gql')
    const { claims } = request.verification.token ?? assert.fail()
    assert.ok(claims !== undefined)
    assert.equal(claims.exp - claims.iat, 900)
    assert.equal(claims.access_key, lab.manager.accounts.get('ada@example.org').accessKey)
    assert.match(request.all('x-backendai-token')[0] ?? '', /^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\./)
  }
  assert.equal(await keypairSeenBy(ada, '/func/admin/graphql'), 'ada@example.org')
  const last = lab.manager.requests.at(-1) ?? assert.fail()
  assert.deepEqual([last.target, proofsOf(last)], ['/admin/graphql', { hmac: true, token: 'none' }])
  // Other methods are the Manager's.
  assert.equal((await ada.ask('/func/admin/gql', { method: 'PUT', body: '{}' })).status, 200)
  assert.equal(lab.manager.requests.at(-1)?.method, 'PUT')
})

test('a query by GET comes from here or from an allowed origin: a link on another page asks nothing', async () => {
  const origin = 'https://console.example.org'
  const cors = { origins: [origin], credentials: true }
  await using lab = await startBackendAiLab({ hasRouter: true, config: { server: { cors } } })
  const ada = await lab.logIn()
  const query = (headers: Record<string, string | undefined>) =>
    ada.ask('/func/admin/gql?query=mutation%7Bx%7D', { headers: { origin: undefined, ...headers } })
  for (const site of ['cross-site', 'same-site']) {
    assert.equal((await query({ 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' })).status, 403)
    assert.equal((await query({ 'sec-fetch-site': site, origin: 'https://evil.example.org' })).status, 403)
    assert.equal((await query({ 'sec-fetch-site': site, origin })).status, 200)
  }
  assert.equal(lab.router.requests.length, 2)
  for (const site of [undefined, 'same-origin', 'none']) {
    assert.equal((await query({ 'sec-fetch-site': site })).status, 200)
  }
})

test('without a router, queries go to the Manager, signed as everything', async () => {
  await using lab = await startBackendAiLab()
  const ada = await lab.logIn()
  assert.equal(await keypairSeenBy(ada), 'ada@example.org')
  assert.deepEqual(proofsOf(lab.manager.requests.at(-1) ?? assert.fail()), { hmac: true, token: 'none' })
})

for (const [graphql, proofs] of Object.entries({
  hmac: { hmac: true, token: 'none' },
  jwt: { hmac: 'none', token: true },
  both: { hmac: true, token: true },
})) {
  for (const hasRouter of [true, false]) {
    test(`graphql: ${graphql} ${hasRouter ? 'at the router' : 'at the Manager'}`, async () => {
      const lifetime = { tokenLifetime: '2m' }
      await using lab = await startBackendAiLab({ hasRouter, backendAi: { graphql, ...lifetime } })
      const ada = await lab.logIn()
      assert.equal(await keypairSeenBy(ada), 'ada@example.org')
      const request = (hasRouter ? lab.router : lab.manager).requests.at(-1) ?? assert.fail()
      assert.deepEqual(proofsOf(request), proofs)
      const claims = request.verification.token?.claims
      if (claims !== undefined) assert.equal(claims.exp - claims.iat, 120)
      // Everything else at the Manager is signed as ever.
      assert.equal((await ada.ask('/func/folders')).echo().verified, true)
      assert.deepEqual(proofsOf(lab.manager.requests.at(-1) ?? assert.fail()), { hmac: true, token: 'none' })
    })
  }
}

test('a subscription over a WebSocket goes to the router with both', async () => {
  await using lab = await startBackendAiLab({ hasRouter: true })
  const ada = await lab.logIn()
  const socket = await ada.open('/func/admin/gql', { protocols: ['other', 'graphql-transport-ws'] })
  assert.equal(socket.protocol, 'graphql-transport-ws')
  socket.send(JSON.stringify({ type: 'connection_init' }))
  assert.equal(await socket.next(), '{"type":"connection_ack"}')
  const { request } = await lab.router.socket(0)
  assert.deepEqual(proofsOf(request), { hmac: true, token: true })
  socket.close(1000)
  await socket.closed
})

test('one over server-sent events comes as it is written', async () => {
  await using lab = await startBackendAiLab({ hasRouter: true })
  const ada = await lab.logIn()
  const answer = await ada.ask('/func/admin/gql', {
    ...QUERY,
    headers: { ...QUERY.headers, accept: 'text/event-stream' },
  })
  assert.equal(answer.headers['content-type'], 'text/event-stream')
  assert.match(answer.bytes.toString(), /^event: next\ndata: .*\n\nevent: complete\n/)
})

for (const profile of ['26.2', '26.4', '26.8'] as const) {
  test(`without a session: ${profile}`, async () => {
    await using lab = await startBackendAiLab({ profile, hasRouter: true })
    const nobody = lab.stranger()
    const answer = await nobody.ask('/func/admin/gql', QUERY)
    await assert.rejects(nobody.open('/func/admin/gql'), (error) => error instanceof LabRefusal && error.status === 401)
    if (profile === '26.8') {
      assert.equal(answer.status, 200)
      const [request] = lab.router.requests
      assert.deepEqual(proofsOf(request ?? assert.fail()), { hmac: 'none', token: 'none' })
    } else {
      assert.equal(answer.status, 401)
      assert.equal(answer.json().type, 'https://api.backend.ai/probs/auth-failed')
      assert.deepEqual(lab.router.requests, [])
    }
    // Only of the router: the Manager answers nobody.
    assert.equal((await nobody.ask('/func/admin/graphql', QUERY)).status, 401)
  })
}

test('without router nobody is let through, in any release', async () => {
  await using lab = await startBackendAiLab({ profile: '26.8' })
  assert.equal((await lab.stranger().ask('/func/admin/gql', QUERY)).status, 401)
  assert.equal(lab.manager.counts.all, 0)
})
