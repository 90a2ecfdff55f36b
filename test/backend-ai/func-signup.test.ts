// Signing up (§5.4): only where the operator lets people, and into no other domain than theirs.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { hideBody } from './hide-body.ts'
import { problem } from './post.ts'

const lab = await startBackendAiLab({ backendAi: { login: { signup: true } } })
after(() => lab[Symbol.asyncDispose]())

const signUp = (body: string | object, headers: Readonly<Record<string, string>> = {}, at = lab) =>
  at.stranger().ask('/func/auth/signup', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

const lastBody = async (): Promise<unknown> =>
  JSON.parse(String(await lab.manager.requests.at(-1)?.body.whole())) as unknown

test('people sign up, and can log in', async () => {
  const answer = await signUp({ email: 'new@example.org', password: 'CANARY-new', full_name: '한' })
  assert.equal(answer.status, 201)
  assert.deepEqual(await lastBody(), {
    email: 'new@example.org',
    password: 'CANARY-new',
    full_name: '한',
    domain: 'default',
  })
  const request = lab.manager.requests.at(-1) ?? assert.fail()
  assert.equal(request.verification.hmac, undefined)
  assert.deepEqual(request.all('content-type'), ['application/json'])
  assert.deepEqual(request.all('content-length'), [String((await request.body.whole()).length)])
  await lab.logIn('new@example.org')
})

test('the domain is the operator’s, whatever the body says, and however often', async () => {
  const bodies = [
    { email: 'a@example.org', password: 'x', domain: 'other' },
    '{"domain":"other","email":"b@example.org","password":"x","domain":"another"}',
    '{"d\\u006fmain":"other","email":"c@example.org","password":"x"}',
  ]
  for (const body of bodies) {
    assert.equal((await signUp(body)).status, 201)
    assert.equal(((await lastBody()) as { domain: unknown }).domain, 'default')
  }
})

test('the Web UI may hide what it sends', async () => {
  const body = await hideBody(lab.gateway.url, JSON.stringify({ email: 'hidden@example.org', password: 'x' }))
  assert.equal((await signUp(body, { 'x-backendai-encoded': 'true' })).status, 201)
  assert.deepEqual(lab.manager.requests.at(-1)?.all('x-backendai-encoded'), [])
})

test('what is no JSON object is refused, and the Manager does not hear of it', async () => {
  const asked = lab.manager.counts.all
  const bodies = ['', 'null', '[]', '"x"', '1', '{', 'email=x', '{}', '{"__proto__":{"domain":"x"}}', '['.repeat(1000)]
  for (const body of bodies) {
    const answer = await signUp(body)
    assert.deepEqual([answer.status, problem(answer).type], [400, 'generic-bad-request'], body)
  }
  const long = await signUp({ email: 'x'.repeat(1_048_576) })
  assert.equal(long.status, 413)
  assert.match(long.bytes.toString(), /^Maximum request body size 1048576 exceeded, actual body size \d+$/)
  assert.equal(lab.manager.counts.all, asked)
})

test('an address that is none is refused; that one is missing, the Manager says', async () => {
  const asked = lab.manager.counts.all
  const none = [
    '',
    'ada',
    'a@b@c',
    '@example.org',
    'ada@',
    'a b@example.org',
    'ada@example.org\u202e',
    1,
    null,
    ['a@b.c'],
    {},
  ]
  for (const email of [...none, `${'x'.repeat(250)}@example.org`]) {
    const answer = await signUp({ email, password: 'x' })
    assert.deepEqual(
      [answer.status, answer.json().title],
      [400, 'Invalid or Missing API Parameters.'],
      JSON.stringify(email),
    )
    assert.match(String(answer.json().details), /email is no e-mail address/)
  }
  assert.equal(lab.manager.counts.all, asked)
  assert.equal((await signUp({ password: 'x' })).json().msg, 'email and password are needed.')
  assert.equal((await signUp({ email: '한@xn--3e0b707e.example', password: 'x' })).status, 201)
})

test('where people may not, nobody can, however the address is spelled', async () => {
  await using closed = await startBackendAiLab()
  const ada = await closed.logIn()
  const asked = closed.manager.counts.all
  const body = JSON.stringify({ email: 'new@example.org', password: 'x', domain: 'default' })
  assert.deepEqual(
    [(await signUp(body, {}, closed)).status, problem(await signUp(body, {}, closed)).type],
    [403, 'generic-forbidden'],
  )
  for (const client of [closed.stranger(), ada]) {
    for (const path of [
      'auth/signup',
      '/auth/signup',
      'auth//signup',
      'auth%2Fsignup',
      'auth/%73ignup',
      'x/../auth/signup',
    ]) {
      const answer = await client.ask(`/func/${path}`, { method: 'POST', body })
      assert.ok([400, 403].includes(answer.status), `${path}: ${answer.status}`)
    }
  }
  assert.equal(closed.manager.counts.all, asked)
})
