// Values that mean something to a database, a page or a template, in every place where a route of ours takes text
// (security.md I2, I3, I5): they are answered like any other text, and shown as text.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'
import { sendJson } from './token-lab.ts'

/** The templates of it multiply: the product is so long that no id has it by chance. */
const values = [
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  '" OR 1=1 --',
  "' UNION SELECT * FROM users --",
  "\\' OR 1=1 -- ",
  "' AND (SELECT 1 FROM (SELECT SLEEP(20)) t) AND '1'='1",
  "'||(SELECT pg_sleep(20))||'",
  '1); SELECT RANDOMBLOB(1000000000); --',
  '%',
  '*',
  'a:b:c',
  'a\nSET x y',
  '{"$ne":null}',
  '\0',
  '<script>alert(1337)</script>',
  '"><img src=x onerror=alert(1337)>',
  "'><svg/onload=alert(1337)>",
  '</title><script>alert(1337)</script>',
  '<%= 7654321*1234567 %>',
  '{{7654321*1234567}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the attack
  '${7654321*1234567}',
  '#{7654321*1234567}',
]

/** What a value of no meaning is answered, and with what a status may differ: that the target or the form is malformed. */
const PLAIN = 'zq8plain'
const MALFORMED = 400

type Send = (value: string) => Promise<TestAnswer>

let lab: OidcLab
let people: { readonly stranger: TestClient; readonly ada: TestClient; readonly grace: TestClient }

before(async () => {
  lab = await startOidcLab()
  people = { stranger: lab.stranger(), ada: await logIn('ada'), grace: await logIn('grace') }
})
after(() => lab[Symbol.asyncDispose]())

async function logIn(who: 'ada' | 'grace'): Promise<TestClient> {
  const client = lab.stranger()
  assert.equal((await client.post('/auth/login/local', await lab.account(who))).status, 303)
  return client
}

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
const enc = encodeURIComponent
const remove = (client: TestClient, path: string) =>
  client.send(path, { method: 'DELETE', headers: { origin: lab.url } })

let groups = 0
const ask = (client: TestClient, question: object) =>
  sendJson(client, lab.url, '/api/v1/admin/explain', { user: 'anonymous', method: 'GET', path: '/', ...question })

const places: Readonly<Record<string, Send>> = {
  // First: after many wrong passwords nobody of this address gets in for a while.
  'a browser’s name': async (text) => {
    const client = lab.stranger()
    const named = { 'user-agent': text.replaceAll(/[^\x20-\x7e]/g, '') }
    assert.equal((await client.post('/auth/login/local', await lab.account('ada'), named)).status, 303)
    const shown = await client.get('/account', { ...page, ...named })
    await client.post('/auth/logout')
    return shown
  },
  'the name at the login form': (text) =>
    lab.stranger().post('/auth/login/local', { username: text, password: 'x' }, page),
  'the password there': (text) => lab.stranger().post('/auth/login/local', { username: 'ada', password: text }, page),
  'an attempt that waits': (text) => lab.stranger().post('/auth/login/local', { state: text, otp: text }, page),
  'where to go after the login': (text) => lab.stranger().get(`/auth/login?returnTo=${enc(`/${text}`)}`, page),
  'the provider of a login': (text) => lab.stranger().post(`/auth/login/${enc(text)}`, {}, page),
  'the provider of a callback': (text) => lab.stranger().get(`/auth/callback/${enc(text)}?state=x&code=y`, page),
  'what a provider says of an error': (text) =>
    lab.stranger().get(`/auth/callback/sso?error=access_denied&error_description=${enc(text)}&state=x`, page),
  'the error itself': (text) => lab.stranger().get(`/auth/callback/sso?error=${enc(text)}&state=${enc(text)}`, page),
  'a code': (text) => lab.stranger().get(`/auth/callback/sso?code=${enc(text)}&state=x&iss=${enc(text)}`, page),
  'an announced logout': (text) => lab.stranger().post('/auth/backchannel/sso', { logout_token: text }),
  'an account to connect': (text) => people.ada.post(`/auth/connect/${enc(text)}`, {}, page),
  'an account to drop': (text) => people.ada.post(`/auth/disconnect/${enc(text)}`, {}, page),
  'a session to end': (text) => remove(people.ada, `/api/v1/sessions/${enc(text)}`),
  'a session to end, on the page': (text) => people.ada.post(`/account/sessions/${enc(text)}/revoke`, {}, page),
  'where a page of users begins': (text) => people.grace.get(`/api/v1/admin/users?after=${enc(text.slice(0, 36))}`),
  'how long it is': (text) => people.grace.get(`/api/v1/admin/users?limit=${enc(text)}`),
  'a user': (text) => people.grace.get(`/api/v1/admin/users/${enc(text.slice(0, 36))}`),
  'a user to disable': (text) => people.grace.post(`/api/v1/admin/users/${enc(text.slice(0, 36))}/disable`),
  'whose sessions are listed': (text) =>
    people.grace.get(`/api/v1/admin/sessions?user=${enc(text.slice(0, 36))}&after=${enc(text)}`),
  'the session of somebody': (text) => remove(people.grace, `/api/v1/admin/sessions/${enc(text)}`),
  'whom the policy tester is asked about': (text) => ask(people.grace, { user: text.replaceAll('/', '') }),
  'whom it is asked about, at a provider': (text) => ask(people.grace, { user: `sso/${text}` }),
  'what it is asked about': (text) => ask(people.grace, { path: `/${text}` }),
  'the groups that it supposes': (text) => ask(people.grace, { groups: [text] }),
  'part of a name': (text) => people.grace.get(`/api/v1/admin/users?search=${enc(text)}`),
  'whose sessions': (text) => people.grace.get(`/api/v1/admin/sessions?user=${enc(text.slice(0, 36))}`),
  'to whom something happened': (text) => people.grace.get(`/api/v1/admin/audit?user=${enc(text)}`),
  'what happened': (text) => people.grace.get(`/api/v1/admin/audit?action=${enc(text)}`),
  'which mails': (text) => people.grace.get(`/api/v1/admin/mails?after=${enc(text)}`),
  'what a group is for': (text) => {
    groups += 1
    return sendJson(people.grace, lab.url, '/api/v1/admin/groups', { name: `g${groups}`, description: text })
  },
  'the name of a token': (text) =>
    sendJson(people.ada, lab.url, '/api/v1/tokens', { name: text, scopes: ['self:read'] }),
  'the token whose history is told': (text) => people.ada.get(`/api/v1/tokens/${enc(text)}/history`),
  'the same, to an administrator': (text) =>
    people.grace.get(`/api/v1/admin/tokens/${enc(text)}/history?after=${enc(text)}`),
  'a page that is not there': (text) => people.ada.get(`/${enc(text)}`, page),
  'a query that nobody asked for': (text) => people.ada.get(`/account?x=${enc(text)}`, page),
  'the name of a field': (text) =>
    lab.stranger().send('/auth/login/local', {
      method: 'POST',
      body: `${enc(text)}=1&${enc(text)}=2`,
      headers: { ...page, origin: lab.url, 'content-type': 'application/x-www-form-urlencoded' },
    }),
  'the cookie of a session': (text) =>
    lab.stranger().get('/account', { ...page, cookie: `__Host-gatehouse=${enc(text)}` }),
}

for (const [place, send] of Object.entries(places)) {
  test(`${place}: whatever it is, it is text`, { timeout: 60_000 }, async () => {
    const { status: usual } = await send(PLAIN)
    assert.ok(usual < 500, `a plain word is answered ${usual}`)
    for (const value of values) {
      const startedAtMs = performance.now()
      const answer = await send(value)
      const tookMs = performance.now() - startedAtMs
      const about = `${value}: ${answer.status} instead of ${usual}`
      // Guessing at a login is slowed down, whatever is guessed.
      assert.ok([usual, MALFORMED, 429].includes(answer.status), about)
      assert.ok(tookMs < 10_000, `${value} took ${tookMs} ms`)
      assert.doesNotMatch(answer.text, /sqlite|syntax error|SQLSTATE|ER_[A-Z]/i, value)
      if (!String(answer.headers['content-type']).startsWith('text/html')) continue
      assert.ok(!/[<"']/.test(value) || !answer.text.includes(value), `${value} is markup in the answer`)
      assert.doesNotMatch(answer.text, /<script>|<img|<svg|9449772114007/, value)
    }
  })
}

test('after all of it everybody is still there, and nobody else', async () => {
  const { users } = (await people.grace.get('/api/v1/admin/users')).json() as { users: { username: string }[] }
  assert.deepEqual(users.map(({ username }) => username).toSorted(), ['ada', 'grace'])
  assert.equal((await people.ada.get('/api/v1/me')).status, 200)
})
