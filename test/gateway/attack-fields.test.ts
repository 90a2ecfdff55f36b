// Fields that nobody asked for (security.md A3), and things of others by their names (A1): whatever a form or a JSON body
// says of who somebody is, it changes nothing; and a session is found only under the person whose it is.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestClient } from '../support/http-client.ts'
import { listRoutes } from './list-routes.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const fields = {
  id: 'user-x',
  userId: 'user-x',
  owner: 'user-x',
  provider: 'sso',
  issuer: 'https://evil.test',
  subject: 'grace',
  displayName: 'Grace',
  email: 'grace@lab.test',
  groups: ['lab', 'admins'],
  role: 'admin',
  isAdmin: true,
  quota: 1_000,
  phase: 'done',
  createdAt: 1,
  disabledAt: 1,
  endsAt: 9_999_999_999_999,
  idleEndsAt: 9_999_999_999_999,
}

let lab: OidcLab
let ada: TestClient
let grace: TestClient

before(async () => {
  lab = await startOidcLab()
  ada = await logIn('ada')
  grace = await logIn('grace')
})
after(() => lab[Symbol.asyncDispose]())

async function logIn(who: 'ada' | 'grace', more: Readonly<Record<string, string>> = {}): Promise<TestClient> {
  const client = lab.stranger()
  const answer = await client.post('/auth/login/local', { ...more, ...(await lab.account(who)) })
  assert.equal(answer.status, 303)
  return client
}

const asForm = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
const whoIs = async (client: TestClient): Promise<unknown> => (await client.get('/api/v1/me')).json()
const refOf = async (client: TestClient): Promise<string> =>
  ((await client.get('/api/v1/sessions/current')).json() as { session: { ref: string } }).session.ref

interface ListedUser {
  readonly id: string
  readonly username: string
}

/** What is stored of everybody, but for when they last logged in. */
async function listUsers(): Promise<readonly ListedUser[]> {
  const { users } = (await grace.get('/api/v1/admin/users')).json() as { users: (ListedUser & object)[] }
  return users.map((user) => ({ ...user, lastLoginAt: 0 }))
}

test('what a login form says of the person besides name and password is not heard', async () => {
  const [known, users] = [await whoIs(ada), await listUsers()]
  const again = await logIn('ada', asForm)
  assert.deepEqual(await whoIs(again), known)
  assert.deepEqual(await listUsers(), users)
  const inLists = await logIn('ada', { 'groups[]': 'admins', 'user[isAdmin]': 'true', 'constructor.prototype': 'x' })
  assert.deepEqual(await whoIs(inLists), known)
})

test('no route that changes something takes up a field that it does not name', { timeout: 60_000 }, async () => {
  const users = await listUsers()
  const [known, ends] = [await whoIs(ada), (await ada.get('/api/v1/sessions/current')).json() as { endsAt: string }]
  const adaId = users.find(({ username }) => username === 'ada')?.id ?? assert.fail('ada is a user')
  const values: Readonly<Record<string, string>> = { id: adaId, ref: 'f'.repeat(64), provider: 'local' }
  const bodies = [
    ['application/json', JSON.stringify(fields)],
    ['application/json', `{"__proto__":${JSON.stringify(fields)},"username":"ada"}`],
    ['application/x-www-form-urlencoded', new URLSearchParams(asForm).toString()],
  ] as const
  for (const { method, path } of routesThatChange()) {
    const target = path.replaceAll(/:(\w+)/g, (_all, name) => values[name] ?? 'x')
    for (const [type, body] of bodies) {
      for (const client of [ada, grace]) {
        const headers = { origin: lab.url, 'content-type': type }
        const { status } = await client.send(target, { method, body, headers })
        assert.ok(status < 500, `${method} ${target}: ${status}`)
      }
    }
    assert.deepEqual(await listUsers(), users, `${method} ${path}`)
    assert.deepEqual(await whoIs(ada), known, `${method} ${path}`)
  }
  const now = (await ada.get('/api/v1/sessions/current')).json() as { endsAt: string }
  assert.equal(now.endsAt, ends.endsAt, 'the absolute end stays')
  assert.equal(({} as Record<string, unknown>).isAdmin, undefined)
})

/** All but those that are there to end sessions or to disable somebody. */
function routesThatChange(): readonly { readonly method: string; readonly path: string }[] {
  const changing = listRoutes(lab.gateway).routes.filter(
    ({ method, path }) => method !== 'GET' && !/logout|disable|end-sessions/.test(path),
  )
  assert.ok(changing.length >= 8, `${changing.length} routes`)
  return changing
}

test('the session of one person is not found under another, and an administrator asks as one', async () => {
  const ref = await refOf(ada)
  const end = (client: TestClient, path: string) =>
    client.send(path, { method: 'DELETE', headers: { origin: lab.url } })
  assert.equal((await end(grace, `/api/v1/sessions/${ref}`)).status, 404)
  assert.equal((await end(ada, `/api/v1/admin/sessions/${ref}`)).status, 403)
  assert.equal((await ada.get('/api/v1/me')).status, 200)
  assert.equal((await end(grace, `/api/v1/admin/sessions/${ref}`)).status, 204)
  assert.equal((await ada.get('/api/v1/me')).status, 401)
})
