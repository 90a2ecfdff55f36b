// `POST /server/login`: what the Web UI reads of it, what the Manager is asked, and what hostile bodies come to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import { type BackendAiLab, type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { hideBody } from './hide-body.ts'
import { createLabClient } from './lab-client.ts'
import { cookieSet, post, problem } from './post.ts'

const PROFILES: readonly ProfileName[] = ['26.2', '26.4', '26.8']
const ADA = { username: 'ada@example.org', password: 'CANARY-ada-writes-notes' }
const NAME = /^[0-9a-f]{32}$/

const logins = (lab: BackendAiLab) => lab.manager.requests.filter(({ target }) => target === '/auth/authorize')
const bodyOf = async (lab: BackendAiLab): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse(((await logins(lab).at(-1)?.body.whole()) ?? assert.fail('nobody asked the Manager')).toString())

for (const profile of PROFILES) {
  test(`${profile}: a good login names a session, tells no secret, and asks the Manager as the webserver does`, async () => {
    await using lab = await startBackendAiLab({ profile })
    const browser = lab.stranger()
    const answer = await post(browser, 'login', { ...ADA, client_type_id: 'web' })
    const { accessKey, secretKey } = lab.manager.accounts.get(ADA.username)
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    assert.deepEqual(answer.json(), {
      authenticated: true,
      data: { access_key: accessKey, role: 'user', status: 'active' },
    })
    assert.equal(answer.headers['cache-control'], 'no-store')
    const name = String(answer.headers['x-backendai-sessionid'])
    assert.match(name, NAME)
    assert.deepEqual(cookieSet(answer), [name, 'path=/', 'httponly', 'samesite=lax', 'max-age=43200'])
    if (profile !== '26.2') assert.deepEqual(lab.manager.accounts.get(ADA.username).logins, [name])
    const whole = JSON.stringify([answer.headers, answer.bytes.toString(), lab.gateway.logs])
    for (const secret of [secretKey, ADA.password]) assert.ok(!whole.includes(secret))
    assert.ok(!JSON.stringify(lab.gateway.logs).includes(name), 'no log names the session')

    const [first, second] = lab.manager.requests
    assert.deepEqual(
      [first?.method, first?.target, second?.method, second?.target],
      ['GET', '/', 'POST', '/auth/authorize'],
    )
    assert.deepEqual(await bodyOf(lab), { type: 'keypair', domain: 'default', ...ADA, client_type_id: 'web' })
    const { host } = new URL(lab.gateway.url)
    for (const [header, value] of [
      ['content-type', 'application/json'],
      ['x-backendai-domain', 'default'],
      ['x-backendai-version', 'v9.20250722'],
      ['x-forwarded-host', host],
      ['x-forwarded-proto', 'http'],
      ['x-forwarded-for', '127.0.0.1'],
    ] as const) {
      assert.deepEqual(second?.all(header), [value], header)
    }
    assert.match(String(second?.all('user-agent')), /^Backend\.AI Web Server 26\./)
    for (const header of ['authorization', 'cookie', 'origin']) assert.deepEqual(second?.all(header), [], header)
  })

  test(`${profile}: a wrong password is told in the Manager’s words, and names no session`, async () => {
    await using lab = await startBackendAiLab({ profile })
    const answer = await post(lab.stranger(), 'login', { ...ADA, password: 'CANARY-wrong' })
    assert.equal(answer.status, profile === '26.2' ? 200 : 401)
    assert.deepEqual(answer.json(), {
      authenticated: false,
      data: {
        type: 'https://api.backend.ai/probs/auth-failed',
        title: 'Credential/signature mismatch.',
        details: 'User credential mismatch.',
      },
    })
    assert.equal(answer.headers['x-backendai-sessionid'], undefined)
    assert.equal(cookieSet(answer), undefined)
    assert.ok(!JSON.stringify(lab.gateway.logs).includes('CANARY-wrong'))
  })

  test(`${profile}: both shapes of a second factor, and a code that is passed on`, async () => {
    const accounts = [
      { ...ADA, totp: 'JBSWY3DPEHPK3PXP' },
      { username: 'grace@example.org', password: 'CANARY-grace', totp: 'register' },
    ]
    await using lab = await startBackendAiLab({ profile, manager: { accounts } })
    const asked = await post(lab.stranger(), 'login', ADA)
    assert.equal(asked.status, 200)
    assert.deepEqual(asked.json(), {
      authenticated: false,
      data: {
        type: 'https://api.backend.ai/probs/require-totp-authentication',
        title: 'Two-Factor Authentication needed.',
        details: 'You must authenticate using Two-Factor Authentication.',
      },
    })
    const registration = await post(lab.stranger(), 'login', {
      username: 'grace@example.org',
      password: 'CANARY-grace',
    })
    assert.equal(registration.status, 200)
    assert.deepEqual(registration.json(), {
      authenticated: false,
      data: {
        type: 'https://api.backend.ai/probs/require-totp-registration',
        title: 'Two-Factor Authentication registration required.',
        details: 'You must register Two-Factor Authentication.',
        two_factor_registration_token: lab.manager.accounts.get('grace@example.org').totpRegistrationToken,
      },
    })
    const wrong = await post(lab.stranger(), 'login', { ...ADA, otp: '000000' })
    assert.equal((wrong.json().data as { details?: unknown }).details, 'Invalid TOTP code provided.')
    const otp = lab.manager.accounts.oneTimeCode(ADA.username)
    assert.equal((await post(lab.stranger(), 'login', { ...ADA, otp })).json().authenticated, true)
  })
}

test('what is missing is named, in the order of the fields, whatever else the body is', async () => {
  await using lab = await startBackendAiLab()
  const browser = lab.stranger()
  const missing = (field: string) => ({
    status: 400,
    type: 'invalid-api-params',
    title: `You must provide the ${field} field.`,
  })
  for (const body of [
    '',
    '{}',
    'garbage',
    '[]',
    '"ada"',
    '7',
    'null',
    '{"username":""}',
    '{"username":7,"password":"x"}',
  ]) {
    const answer = await post(browser, 'login', body)
    assert.deepEqual(problem(answer), missing('username'), body)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    assert.equal(answer.headers['set-cookie'], undefined)
  }
  for (const body of [
    '{"username":"ada"}',
    '{"username":"ada","password":""}',
    '{"username":"ada","password":["x"]}',
  ]) {
    assert.deepEqual(problem(await post(browser, 'login', body)), missing('password'), body)
  }
  assert.equal(lab.manager.counts.all, 0)
})

test('nobody leaves the domain, and no field of the body is anything but passed on', async () => {
  await using lab = await startBackendAiLab({ backendAi: { manager: { domain: 'default' } } })
  const outwards = {
    ...ADA,
    domain: 'other',
    type: 'jwt',
    force: true,
    stoken: undefined,
    constructor: 'x',
    toString: 'y',
  }
  assert.equal((await post(lab.stranger(), 'login', outwards)).json().authenticated, true)
  const expected = { ...ADA, domain: 'default', type: 'keypair', force: true, constructor: 'x', toString: 'y' }
  assert.deepEqual(await bodyOf(lab), expected)
  const twice = `{"domain":"a","username":"mallory@example.org","password":"x","username":"${ADA.username}","password":"${ADA.password}","domain":"b"}`
  assert.equal((await post(lab.stranger(), 'login', twice)).json().authenticated, true)
  assert.deepEqual(await bodyOf(lab), { ...ADA, domain: 'default', type: 'keypair' })
})

test('hostile bodies are refused or harmless, and nothing of them is sent back unescaped', async () => {
  await using lab = await startBackendAiLab()
  const browser = lab.stranger()
  const deep = `{"username":"ada","password":"x","otp":${'['.repeat(100)}${']'.repeat(100)}}`
  for (const body of ['{"__proto__":{"username":"ada"},"password":"x"}', deep]) {
    assert.deepEqual(problem(await post(browser, 'login', body)), {
      status: 400,
      type: 'generic-bad-request',
      title: 'Invalid or Missing API Parameters.',
    })
  }
  const script = '<script>alert(1)</script>'
  for (const username of [
    `${script}@`,
    'ada\u0000@example.org',
    'ada\r\nx: y@example.org',
    'a@b@example.org',
    '\u202eada',
  ]) {
    const answer = await post(browser, 'login', { username, password: 'x' })
    assert.deepEqual([answer.status, problem(answer).type], [400, 'invalid-api-params'], username)
    assert.ok(!answer.bytes.toString().includes(script))
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  }
  assert.equal(lab.manager.counts.all, 0)
  const huge = `{"username":"${ADA.username}","password":"${ADA.password}","otp":1e999,"n":${'9'.repeat(400)}}`
  assert.equal((await post(browser, 'login', huge)).json().authenticated, true)
})

test('a body is at most a mebibyte, told beforehand or not', async () => {
  await using lab = await startBackendAiLab()
  const size = 1024 * 1024 + 1
  const tooLong = await post(lab.stranger(), 'login', 'x'.repeat(size))
  assert.equal(tooLong.status, 413)
  assert.match(String(tooLong.headers['content-type']), /^text\/plain/)
  assert.equal(tooLong.bytes.toString(), `Maximum request body size 1048576 exceeded, actual body size ${size}`)
  // Before it is sent, where its length is told.
  const { host, port } = new URL(lab.gateway.url)
  const head = `POST /server/login HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 9999999\r\n\r\n`
  const { status, text } = await sendRaw(Number(port), head)
  assert.equal(status, 413)
  assert.match(text, /Maximum request body size 1048576 exceeded, actual body size 9999999$/)
  const inChunks = await post(lab.stranger(), 'login', 'x'.repeat(size), { 'transfer-encoding': 'chunked' })
  assert.equal(inChunks.status, 413)
  assert.match(inChunks.bytes.toString(), /^Maximum request body size 1048576 exceeded, actual body size 1\d{6}$/)
  const whole = await post(lab.stranger(), 'login', `{"username":"ada","password":""}${' '.repeat(size - 33)}`)
  assert.equal(problem(whole).title, 'You must provide the password field.')
})

test('a Manager that is away, slow to say who it is, or answers nonsense is a 502 without any detail of it', async () => {
  await using lab = await startBackendAiLab()
  const answered = {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: 'CANARY-inside',
  } as const
  for (const what of [answered, { kind: 'hang up' }, { kind: 'say', bytes: 'SSH-2.0-CANARY-inside\r\n' }] as const) {
    const stop = lab.manager.disturb(what, { target: /authorize/ })
    const answer = await post(lab.stranger(), 'login', ADA)
    stop()
    assert.deepEqual(problem(answer), {
      status: 502,
      type: 'bad-gateway',
      title: 'The proxy target server is inaccessible.',
    })
    assert.ok(!/CANARY|127\.0\.0\.1/.test(answer.bytes.toString()))
  }
  // What it says of its version may fail.
  const stop = lab.manager.disturb({ kind: 'answer', status: 500, body: 'no' }, { target: /^\/$/ })
  assert.equal((await post(lab.stranger(), 'login', ADA)).json().authenticated, true)
  stop()
  await lab.manager.close()
  assert.equal(problem(await post(lab.stranger(), 'login', ADA)).status, 502)
})

test('a body that the Web UI has hidden is read; the flag has twelve spellings', async () => {
  await using lab = await startBackendAiLab()
  const hidden = await hideBody(lab.gateway.url, JSON.stringify(ADA))
  for (const flag of ['true', '1', 'TRUE', 'yes', 'On']) {
    const answer = await post(lab.stranger(), 'login', hidden, { 'x-backendai-encoded': flag })
    assert.equal(answer.json().authenticated, true, flag)
  }
  for (const flag of ['false', '0', 'NO']) {
    const answer = await post(lab.stranger(), 'login', ADA, { 'x-backendai-encoded': flag })
    assert.equal(answer.json().authenticated, true, flag)
  }
  const refused = { status: 400, type: 'generic-bad-request', title: 'Invalid or Missing API Parameters.' }
  for (const flag of ['maybe', '', 'true, true']) {
    const answer = await post(lab.stranger(), 'login', hidden, { 'x-backendai-encoded': flag })
    assert.deepEqual(problem(answer), refused, flag)
    assert.equal(answer.json().error_code, 'api_parsing_invalid-parameters')
  }
  const foreign = await hideBody('https://elsewhere.example.org', JSON.stringify(ADA))
  for (const body of ['', 'garbage', JSON.stringify(ADA), foreign]) {
    assert.deepEqual(problem(await post(lab.stranger(), 'login', body, { 'x-backendai-encoded': 'true' })), refused)
  }
})

test('the vectors of the protocol log in at the addresses that they were made for', async () => {
  const vector = 'ABCDEFGHIJKLMNOP:'
  for (const [url, account, body] of [
    [
      'https://console.example.com',
      { username: 'user@example.com', password: 'päss' },
      'VBYQ3zn/6jBMq7fhevGu7VoEqGwLj/Qfak2axrKxvx96WI3ojgEgleZvFspCIGm13nfuLNFrTWDap8YOkQXAlA==',
    ],
    [
      'http://127.0.0.1:8090',
      { username: 'admin@lablup.com', password: 'wJalrXUt' },
      'VuoFsg8XR+t+5Yokb+RNQLhQ5RGEJovcvngDE1V5t+9zTfYW8BYVBFeajG8BmdUeIm7RUuWE9wGoKlJyc9bfOw==',
    ],
  ] as const) {
    await using lab = await startBackendAiLab({ manager: { accounts: [account] }, config: { server: { url } } })
    const { host } = new URL(url)
    const client = createLabClient(lab.gateway.listening[0] ?? assert.fail())
    const answer = await post(client, 'login', vector + body, { 'x-backendai-encoded': 'true', host, origin: url })
    assert.equal(answer.json().authenticated, true, url)
    assert.equal(cookieSet(answer)?.includes('secure'), url.startsWith('https'))
  }
})

test('whoever is logged in logs out first; a name of somebody’s own making is not taken on', async () => {
  await using lab = await startBackendAiLab()
  const made = 'f'.repeat(32)
  const answer = await post(lab.stranger(), 'login', ADA, {
    cookie: `AIOHTTP_SESSION=${made}`,
    'x-backendai-sessionid': made,
  })
  const name = String(answer.headers['x-backendai-sessionid'])
  assert.notEqual(name, made)
  for (const headers of [{ cookie: `AIOHTTP_SESSION=${name}` }, { 'x-backendai-sessionid': name }]) {
    assert.deepEqual(problem(await post(lab.stranger(), 'login', ADA, headers)), {
      status: 400,
      type: 'generic-bad-request',
      title: 'You have already logged in.',
    })
  }
  assert.equal((await post(lab.stranger(), 'login', ADA, { 'x-backendai-sessionid': made })).json().authenticated, true)
})

test('a page of another site logs nobody in; a program that says nothing of a page may', async () => {
  await using lab = await startBackendAiLab()
  for (const headers of [
    { origin: 'https://evil.example.org' },
    { origin: 'null' },
    { origin: undefined, 'sec-fetch-site': 'cross-site' },
    { origin: undefined, 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await post(lab.stranger(), 'login', ADA, headers)
    assert.equal(answer.status, 403, JSON.stringify(headers))
    assert.equal(answer.headers['set-cookie'], undefined)
  }
  assert.equal((await post(lab.stranger(), 'login', ADA, { origin: undefined })).json().authenticated, true)
})

test('a program that keeps the cookie and says which version it speaks needs no page to come from', async () => {
  await using lab = await startBackendAiLab()
  const program = await lab.logIn()
  const version = { 'x-backendai-version': 'v9.20250722' }
  const silent = { origin: undefined }
  const call = (headers: Record<string, string | undefined>) =>
    program.ask('/func/folders', { method: 'POST', body: '{}', headers: { ...silent, ...headers } })
  assert.equal((await call(version)).status, 200)
  assert.equal((await call({})).status, 403)
  assert.equal((await call({ ...version, 'sec-fetch-site': 'cross-site' })).status, 403)
  assert.equal((await post(program, 'logout', {}, { ...silent, ...version })).status, 200)
})

test('pages of allowed origins can read the name of the session, and only they', async () => {
  const origin = 'https://console.example.org'
  await using lab = await startBackendAiLab({
    backendAi: { session: { cookie: { sameSite: 'lax' } } },
    config: { server: { cors: { origins: [origin], credentials: true, exposedHeaders: ['X-Request-Id'] } } },
  })
  const answer = await post(lab.stranger(), 'login', ADA, { origin })
  assert.equal(answer.headers['access-control-allow-origin'], origin)
  assert.equal(answer.headers['access-control-expose-headers'], 'X-Request-Id, X-BackendAI-SessionID')
  const own = await post(lab.stranger(), 'login', ADA)
  assert.equal(own.headers['access-control-expose-headers'], undefined)
})
