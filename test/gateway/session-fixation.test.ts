// Whose session a browser has after a login is decided by the login alone (security.md S2): no id from before survives it,
// whoever put it there.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const SESSION = '__Host-gatehouse'
let lab: OidcLab

before(async () => {
  lab = await startOidcLab()
})
after(() => lab[Symbol.asyncDispose]())

const statusWith = async (session: string | undefined): Promise<number> =>
  (await lab.stranger().get('/api/v1/me', { cookie: `${SESSION}=${session}` })).status

/** Logs ada in, in a browser that already brings this cookie. @returns her session's value */
async function logInWith(planted: string): Promise<string> {
  const client = lab.stranger()
  const answer = await client.post('/auth/login/local', await lab.account('ada'), { cookie: `${SESSION}=${planted}` })
  assert.equal(answer.status, 303)
  return client.cookies.get(SESSION) ?? assert.fail('there is a session')
}

test('an id that somebody made up is not taken on', async () => {
  const planted = `${randomBytes(16).toString('base64url')}.${randomBytes(32).toString('base64url')}`
  assert.notEqual(await logInWith(planted), planted)
  assert.equal(await statusWith(planted), 401)
})

test('a session that mallory planted does not become ada’s, and is over', async () => {
  const mallory = lab.stranger()
  await mallory.post('/auth/login/local', await lab.account('mallory'))
  const planted = mallory.cookies.get(SESSION) ?? ''
  assert.equal(await statusWith(planted), 200)
  const session = await logInWith(planted)
  assert.notEqual(session, planted)
  assert.equal(await statusWith(planted), 401)
  const me = await lab.stranger().get('/api/v1/me', { cookie: `${SESSION}=${session}` })
  assert.equal((me.json() as { username: string }).username, 'ada')
})

test('the same holds where the login comes back from a provider', async () => {
  const mallory = lab.stranger()
  await mallory.post('/auth/login/local', await lab.account('mallory'))
  const planted = mallory.cookies.get(SESSION) ?? ''
  const ada = lab.browser()
  const callback = await ada.prove(await ada.begin(), 'ada')
  const answer = await ada.get(callback.href, { cookie: `${ada.cookieHeader()}; ${SESSION}=${planted}` })
  assert.equal(answer.status, 303)
  assert.notEqual(ada.cookies.get(SESSION), planted)
  assert.equal(await statusWith(planted), 401)
})

test('each login has an id of its own, also of the same person in the same browser', async () => {
  const client = lab.stranger()
  const seen: string[] = []
  for (let count = 0; count < 5; count++) {
    await client.post('/auth/login/local', await lab.account('ada'))
    seen.push(client.cookies.get(SESSION) ?? '')
  }
  const [ids, secrets] = [0, 1].map((half) => new Set(seen.map((value) => value.split('.')[half])))
  assert.deepEqual([ids?.size, secrets?.size], [5, 5])
  assert.deepEqual(await Promise.all(seen.map(statusWith)), [401, 401, 401, 401, 200])
})

test('a login that fails leaves the session of the browser as it is', async () => {
  const client = lab.stranger()
  await client.post('/auth/login/local', await lab.account('ada'))
  const session = client.cookies.get(SESSION)
  const refused = await client.post('/auth/login/local', { username: 'ada', password: 'wrong' })
  assert.equal(refused.status, 401)
  assert.equal(client.cookies.get(SESSION), session)
  assert.equal(await statusWith(session), 200)
})
