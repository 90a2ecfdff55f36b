// What a service behind the gateway is told, and what comes back from it (security.md H1, M3, G1): the client's own words
// about who it is never arrive, however they are spelled; what is about one connection stays on it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import {
  ok,
  type RecordedRequest,
  type RecordingUpstream,
  startRecordingUpstream,
} from '../support/recording-upstream.ts'
import { type Lab, startLab } from './lab.ts'

const MARK = 'CANARY-spoof'

let upstream: RecordingUpstream
let lab: Lab
let cookie = ''
let answerHeaders = ''

before(async () => {
  upstream = await startRecordingUpstream(() => ok('ok', answerHeaders))
  const at = { to: upstream.url, allow: ['group:lab'] }
  lab = await startLab({
    config: {
      upstreams: [
        { ...at, path: '/api/plain/' },
        { ...at, path: '/api/vouched/', sign: { type: 'identity-jwt', header: 'X-Identity' } },
        { ...at, path: '/api/own/', forwardAuthorization: true },
      ],
    },
  })
  cookie = (await lab.logIn('ada')).cookieHeader()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

/** Sends these lines as ada. @returns the request as the upstream got it, and the raw answer */
async function send(path: string, lines: readonly string[]): Promise<readonly [RecordedRequest, string]> {
  const head = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${lab.port}`, 'Connection: close', ...lines].join('\r\n')
  const index = upstream.requests.length
  const { status, text } = await sendRaw(lab.port, Buffer.from(`${head}\r\n\r\n`, 'latin1'))
  assert.equal(status, 200, text)
  return [upstream.requests[index] ?? assert.fail('nothing arrived'), text]
}

const asAda = (...lines: readonly string[]): readonly string[] => [`Cookie: ${cookie}`, ...lines]

/** Of what Shibboleth, Apache, nginx, oauth2-proxy, Authelia, cloud balancers and we ourselves tell services. */
const identityNames = `
  Remote-User X-Remote-User X-Remote-Group X-User X-User-Id X-Username X-Email X-Groups X-Forwarded-User
  X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Preferred-Username X-Forwarded-Access-Token
  X-Auth-Request-User X-Auth-Request-Email X-Authenticated-User X-WebAuth-User X-Gatehouse-User
  X-Gatehouse-Anything Shib-Session-ID Shib-Identity-Provider OIDC-Claim-Sub OIDC-Access-Token
  X-Amzn-Oidc-Data X-Goog-Authenticated-User-Email eppn EAAHash persistent-id Impersonate-User
  SSL-Client-Verify X-SSL-Client-CN X-Client-Cert X-BackendAI-Token X-Forwarded-For X-Forwarded-Host
  X-Forwarded-Proto X-Forwarded-Prefix X-Forwarded-Uri X-Forwarded-Port X-Real-IP Forwarded True-Client-IP
  X-Client-IP X-Original-URL X-Rewrite-URL X-HTTP-Method-Override X-Request-Id X-Accel-Redirect
`
  .trim()
  .split(/\s+/)

const spellings: Readonly<Record<string, (name: string) => string>> = {
  'as it is': (name) => name,
  'in small letters': (name) => name.toLowerCase(),
  'in capitals': (name) => name.toUpperCase(),
  'with underscores': (name) => name.replaceAll('-', '_'),
  'with dots': (name) => name.replaceAll('-', '.'),
  'half and half': (name) => name.replace('-', '_').toUpperCase(),
}

for (const [how, spell] of Object.entries(spellings)) {
  test(`no header by which services are told who asks arrives ${how}`, async () => {
    const [request] = await send('/api/plain/', asAda(...identityNames.map((name) => `${spell(name)}: ${MARK}`)))
    assert.deepEqual(
      request.headers.filter(([, value]) => value.includes(MARK)),
      [],
    )
    assert.deepEqual(request.all('x-forwarded-for'), ['127.0.0.1'])
    assert.deepEqual(request.all('x-forwarded-host'), [`127.0.0.1:${lab.port}`])
  })
}

test('the client’s Authorization stays here, unless the upstream says otherwise', async () => {
  const lines = asAda(`Authorization: Bearer ${MARK}`, `Proxy-Authorization: Bearer ${MARK}`)
  const [plain] = await send('/api/plain/', lines)
  assert.deepEqual([plain.all('authorization'), plain.all('proxy-authorization')], [[], []])
  const [vouched] = await send('/api/vouched/', lines)
  assert.ok(vouched.headers.every(([, value]) => !value.includes(MARK)))
  const [own] = await send('/api/own/', lines)
  assert.deepEqual([own.all('authorization'), own.all('proxy-authorization')], [[`Bearer ${MARK}`], []])
})

test('what the signer sends cannot be sent by the client', async () => {
  const [honest] = await send('/api/vouched/', asAda())
  const [name = assert.fail('there is a token')] =
    honest.headers.find(([, value]) => /eyJ[\w-]+\.eyJ/.test(value)) ?? []
  for (const spell of Object.values(spellings)) {
    const [request] = await send('/api/vouched/', asAda(`${spell(name)}: ${MARK}`))
    assert.deepEqual([request.all(name).length, request.all(name)[0]?.includes(MARK)], [1, false])
    assert.equal(request.headers.filter(([, value]) => value.includes(MARK)).length, 0)
  }
})

test('our cookies stay here, others go on, whatever stands around them', async () => {
  const [id = ''] = /__Host-gatehouse=[^;]+/.exec(cookie) ?? []
  const session = id.slice(id.indexOf('=') + 1)
  const cases: readonly (readonly [sent: readonly string[], arrived: readonly string[]])[] = [
    [[`Cookie: ${cookie}`], []],
    [[`Cookie: theme=dark; ${cookie}; lang=en`], ['theme=dark; lang=en']],
    [[`Cookie: ${id}`, 'Cookie: theme=dark'], ['theme=dark']],
    [[`Cookie: ${id}; __Host-gatehouse-login=x; __Host-gatehouse-last=y; a=b`], ['a=b']],
    [[`Cookie: ${id}; =${id}; a=b`], ['a=b']],
    [[`Cookie: ${id}; __host-GATEHOUSE=${session}; a=b`], ['a=b']],
    [[`Cookie: ${id}; "__Host-gatehouse=${session}; a=b`], ['a=b']],
    [[`Cookie: ${id}; __Host-gatehouse-staging=${session}; a=b`], ['a=b']],
    [[`Cookie: ${id}; \u00a0__Host-gatehouse=${session}; a=b`], ['a=b']],
  ]
  for (const [sent, arrived] of cases) {
    const [request] = await send('/api/plain/', sent)
    assert.deepEqual(request.all('cookie'), arrived, sent.join(' | '))
    assert.ok(request.headers.every(([, value]) => !value.includes(session)))
  }
})

test('hop-by-hop headers stay here, and so does what Connection names; it cannot take away ours', async () => {
  const nominated = 'X-Mine, X-Forwarded-For, x-request-id, Host, cookie, authorization, content-length'
  const [request] = await send('/api/vouched/', [
    ...asAda('X-Mine: 1', 'X-Kept: 1', 'Keep-Alive: timeout=5', 'TE: trailers', 'Proxy-Connection: keep-alive'),
    `Connection: close, ${nominated}`,
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ])
  for (const name of ['x-mine', 'keep-alive', 'te', 'proxy-connection', 'upgrade', 'http2-settings', 'trailer']) {
    assert.deepEqual(request.all(name), [], name)
  }
  assert.deepEqual(request.all('x-kept'), ['1'])
  assert.deepEqual(request.all('host'), [`127.0.0.1:${upstream.port}`])
  assert.deepEqual(request.all('x-forwarded-for'), ['127.0.0.1'])
  assert.equal(request.all('x-request-id').length, 1)
  assert.equal(request.headers.filter(([, value]) => /eyJ[\w-]+\.eyJ/.test(value)).length, 1, 'still vouched for')
})

test('repeated headers arrive as they were sent, in order', async () => {
  const lines = ['Accept: a', 'X-Tag: 1', 'Accept: b', 'X-Tag: 2, 3', 'X-Tag: ', 'Accept-Language: de', 'X-Tag: 1']
  const [request] = await send('/api/plain/', asAda(...lines))
  assert.deepEqual(request.all('accept'), ['a', 'b'])
  assert.deepEqual(request.all('x-tag'), ['1', '2, 3', '', '1'])
  const order = request.headers.map(([name]) => name.toLowerCase()).filter((name) => /^(?:accept|x-tag)/.test(name))
  assert.deepEqual(order, ['accept', 'x-tag', 'accept', 'x-tag', 'x-tag', 'accept-language', 'x-tag'])
})

test('of the answer, hop-by-hop headers and what Connection names stay there; the rest comes, repeats included', async () => {
  answerHeaders = [
    'Connection: X-Internal, X-Request-Id, Keep-Alive',
    'X-Internal: 1',
    'Keep-Alive: timeout=99',
    'Proxy-Authenticate: Basic',
    'Trailer: X-Later',
    'Upgrade: h2c',
    'Set-Cookie: a=1; Path=/',
    'Set-Cookie: __Host-gatehouse=evil; Path=/; Secure',
    'Set-Cookie: __Host-gatehouse-login=evil; Path=/; Secure',
    'Set-Cookie: b=2',
    'Link: </a>; rel=x',
    'Link: </b>; rel=y',
    'X-Accel-Redirect: /etc/passwd',
    'Access-Control-Allow-Origin: *',
    'Server: secret/1.0',
    '',
  ].join('\r\n')
  const [, text] = await send('/api/plain/', asAda())
  answerHeaders = ''
  const lines = (text.split('\r\n\r\n')[0] ?? '').split('\r\n').slice(1)
  const values = (name: string): readonly string[] =>
    lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim())
  assert.deepEqual(values('set-cookie'), ['a=1; Path=/', 'b=2'])
  assert.deepEqual(values('link'), ['</a>; rel=x', '</b>; rel=y'])
  assert.equal(values('x-request-id').length, 1)
  const gone = ['x-internal', 'proxy-authenticate', 'trailer', 'upgrade', 'x-accel-redirect', 'server']
  for (const name of [...gone, 'access-control-allow-origin']) assert.deepEqual(values(name), [], name)
  assert.deepEqual([values('connection'), values('keep-alive')], [['close'], []])
})
