// `POST /server/token-login`: the end of a single sign-on, whose token stands for a person that only the Manager knows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BackendAiLab, type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { cookieSet, post, problem } from './post.ts'

const PROFILES: readonly ProfileName[] = ['26.2', '26.4', '26.8']
const TOKEN = 'CANARY-sso-token'
const ada = { username: 'ada@example.org', password: 'CANARY-ada', signInToken: TOKEN }
const grace = { username: 'grace@example.org', password: 'CANARY-grace', role: 'superadmin' as const }
const accounts = [ada, grace]

const authorization = ({ manager }: BackendAiLab) =>
  manager.requests.filter(({ target }) => target === '/auth/authorize').at(-1) ??
  assert.fail('nobody asked the Manager')
const bodyOf = async (lab: BackendAiLab) =>
  JSON.parse((await authorization(lab).body.whole()).toString()) as Readonly<Record<string, unknown>>

for (const profile of PROFILES) {
  test(`${profile}: a token in the body logs its owner in, whoever the body says that is`, async () => {
    await using lab = await startBackendAiLab({ profile, manager: { accounts } })
    const browser = lab.stranger()
    const body = {
      sToken: TOKEN,
      username: 'grace@example.org',
      password: 'CANARY-grace',
      domain: 'x',
      type: 'y',
      more: 1,
    }
    const answer = await post(browser, 'token-login', body)
    const { accessKey, secretKey } = lab.manager.accounts.get(ada.username)
    assert.deepEqual(answer.json(), {
      authenticated: true,
      data: { access_key: accessKey, role: 'user', status: 'active' },
    })
    assert.equal(cookieSet(answer)?.[0], answer.headers['x-backendai-sessionid'])
    assert.deepEqual(await bodyOf(lab), {
      sToken: TOKEN,
      username: 'fake-email',
      password: 'fake-pwd',
      more: 1,
      domain: 'default',
      type: 'keypair',
    })
    assert.equal((await browser.ask('/func/x')).status, 200)
    const { access, sessions } = lab.gateway.apis
    const user = (await access.users.find('manager/ada@example.org')) ?? assert.fail('the person is known by name')
    assert.equal((await sessions.list(user.id)).length, 1)
    const logs = JSON.stringify(lab.gateway.logs)
    for (const secret of [TOKEN, secretKey, String(answer.headers['x-backendai-sessionid'])]) {
      assert.ok(!logs.includes(secret))
    }
  })

  test(`${profile}: a token that the Manager refuses is told with 200, and counts for no account`, async () => {
    await using lab = await startBackendAiLab({
      profile,
      manager: { accounts },
      config: { server: { limits: { logins: { failures: '3/20m' } } } },
    })
    for (let count = 0; count < 6; count++) {
      const answer = await post(lab.stranger(), 'token-login', { sToken: 'CANARY-wrong' })
      assert.equal(answer.status, 200)
      assert.equal(answer.json().authenticated, false)
      assert.equal(cookieSet(answer), undefined)
    }
    assert.ok(!JSON.stringify(lab.gateway.logs).includes('CANARY-wrong'))
    assert.equal((await post(lab.stranger(), 'token-login', { sToken: TOKEN })).json().authenticated, true)
  })
}

test('a token in a cookie does as well; the Manager gets the client’s cookies, but for ours', async () => {
  await using lab = await startBackendAiLab({ manager: { accounts } })
  const cookie = `theme=dark; sToken=${TOKEN}; AIOHTTP_SESSION=junk; __Host-gatehouse=junk; __Host-gatehouse-known=x; lang=en`
  const answer = await post(lab.stranger(), 'token-login', {}, { cookie })
  assert.equal(answer.json().authenticated, true)
  assert.deepEqual(authorization(lab).all('cookie'), [`theme=dark; sToken=${TOKEN}; lang=en`])
  assert.equal((await bodyOf(lab)).sToken, TOKEN)
})

test('the token may have another name', async () => {
  await using lab = await startBackendAiLab({ manager: { accounts }, backendAi: { login: { tokenName: 'stoken' } } })
  assert.equal(problem(await post(lab.stranger(), 'token-login', { sToken: '' })).status, 400)
  assert.equal((await post(lab.stranger(), 'token-login', { stoken: TOKEN })).json().authenticated, true)
})

test('without a token, or with two, there is none', async () => {
  await using lab = await startBackendAiLab({ manager: { accounts } })
  const missing = {
    status: 400,
    type: 'invalid-api-params',
    title: 'You must provide cookie-based authentication token',
  }
  for (const body of ['', '{}', '[]', 'garbage', '{"sToken":""}', '{"sToken":7}', '{"sToken":["x"]}']) {
    assert.deepEqual(problem(await post(lab.stranger(), 'token-login', body)), missing, body)
  }
  const cookie = `sToken=${TOKEN}; sToken=other`
  assert.deepEqual(problem(await post(lab.stranger(), 'token-login', {}, { cookie })), missing)
  assert.equal(lab.manager.counts.all, 0)
})

test('whoever is logged in logs out first', async () => {
  await using lab = await startBackendAiLab({ manager: { accounts } })
  const browser = await lab.logIn()
  const answer = await post(browser, 'token-login', { sToken: TOKEN })
  assert.deepEqual([answer.status, problem(answer).title], [400, 'You have already logged in.'])
})

for (const [name, body] of [
  ['says nothing', '{}'],
  ['names nobody', '{"data":{"user":null}}'],
  ['names somebody who cannot be shown', '{"data":{"user":{"email":"ada\\u202e@example.org"}}}'],
  ['has errors', '{"data":{"user":{"email":"ada@example.org"}},"errors":[{"message":"no"}]}'],
  ['is no JSON', 'ada@example.org'],
] as const) {
  test(`a Manager that lets a token in and ${name} logs nobody in`, async () => {
    await using lab = await startBackendAiLab({ profile: '26.4', manager: { accounts } })
    const headers = { 'content-type': 'application/json' }
    lab.manager.disturb({ kind: 'answer', status: 200, headers, body }, { target: /admin\/gql/ })
    const answer = await post(lab.stranger(), 'token-login', { sToken: TOKEN })
    assert.deepEqual(problem(answer), {
      status: 502,
      type: 'bad-gateway',
      title: 'The proxy target server is inaccessible.',
    })
    assert.equal(cookieSet(answer), undefined)
    // And the login that the Manager has begun is over.
    assert.deepEqual(lab.manager.accounts.get(ada.username).logins, [])
  })
}
