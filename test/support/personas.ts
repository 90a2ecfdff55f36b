// The people of the tests: ada uses things, grace looks after them, mallory means no good. They have local accounts.

import assert from 'node:assert/strict'
import { createClient, type TestClient } from './http-client.ts'
import type { TestGateway } from './start-gateway.ts'

export interface Persona {
  readonly username: string
  readonly groups: readonly string[]
  readonly password: string
}

export const ada: Persona = { username: 'ada', groups: ['lab'], password: 'CANARY-ada-writes-notes' }
export const grace: Persona = { username: 'grace', groups: ['lab', 'admins'], password: 'CANARY-grace-finds-moths' }
export const mallory: Persona = { username: 'mallory', groups: [], password: 'CANARY-mallory-knocks' }

/**
 * A client with a session of this person, who gets an account at the first time.
 *
 * @example
 * const client = await loginAs(gateway, ada)
 * assert.equal((await client.get('/api/v1/sessions')).status, 200)
 */
export async function loginAs(gateway: TestGateway, persona: Persona): Promise<TestClient> {
  await ensureAccount(gateway, persona)
  const client = createClient(gateway.url)
  const { username, password } = persona
  const provider = gateway.apis.identity.accounts.provider
  assert.ok(provider !== undefined, 'the configuration has a local provider')
  const answer = await client.post(`/auth/login/${provider}`, { username, password, returnTo: '/' })
  assert.equal(answer.status, 303, `${username} logs in: ${answer.text}`)
  return client
}

async function ensureAccount({ apis }: TestGateway, { username, groups, password }: Persona): Promise<void> {
  const { accounts } = apis.identity
  const isKnown = (await accounts.list()).some(({ name }) => name === username)
  if (!isKnown) await accounts.add({ name: username, password, groups })
}
