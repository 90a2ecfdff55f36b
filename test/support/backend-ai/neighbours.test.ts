import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { WebSocket } from 'ws'
import type { Person } from './accounts.ts'
import { startGraphqlRouter, startManager, startPipeline } from './index.ts'
import { ask } from './signed-client.ts'

function tokenOf({ accessKey, secretKey }: Person): string {
  const iat = Math.floor(Date.now() / 1000)
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { exp: iat + 900, iat, access_key: accessKey, role: 'user' }
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${body}.${createHmac('sha256', secretKey).update(body).digest('base64url')}`
}

describe('the GraphQL router', () => {
  test('is verified only if token and signature hold, and are the same person’s', async () => {
    await using manager = await startManager()
    await using router = await startGraphqlRouter(manager)
    const [ada, grace] = ['ada', 'grace'].map((name) => manager.accounts.get(`${name}@example.org`)) as [Person, Person]
    const body = JSON.stringify({ query: '{ keypair { user_id } }' })
    const post = async (token: string, as?: Person) => {
      const answer = await ask(`${router.url}/admin/gql`, {
        method: 'POST',
        headers: { 'X-BackendAI-Token': token, 'Content-Type': 'application/json' },
        body,
        ...(as && { as }),
      })
      assert.equal(answer.status, 200)
      return { verified: router.requests.at(-1)?.verified, ...answer.json() }
    }
    const keypair = { user_id: ada.username, resource_policy: 'default', user: ada.userId }
    assert.deepEqual(await post(tokenOf(ada), ada), { verified: true, data: { keypair } })
    assert.deepEqual(await post(tokenOf(ada), grace), { verified: false, data: { keypair } })
    assert.equal((await post(`${tokenOf(ada)}x`, ada)).verified, false)
    assert.equal((await post(tokenOf(ada))).verified, true)
    assert.equal((await ask(`${router.url}/readiness`)).status, 200)
  })
})

describe('the pipeline', () => {
  test('wants a signature at its login only', async () => {
    await using manager = await startManager()
    await using pipeline = await startPipeline(manager)
    const as = manager.accounts.get('ada@example.org')
    const post = (path: string) => ask(pipeline.url + path, { method: 'POST' })
    assert.equal((await post('/api/x')).status, 200)
    assert.equal((await post('/api/login/')).status, 401)
    assert.equal((await ask(`${pipeline.url}/api/login/`, { method: 'POST', as })).echo().accessKey, as.accessKey)
    const client = new WebSocket(`${pipeline.url.replace('http', 'ws')}/stream/x`)
    await once(client, 'open')
    client.terminate()
  })
})
