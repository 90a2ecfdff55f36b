import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '#kernel'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createErrorAnswer } from './problems.ts'
import { profiles } from './profile.ts'
import { webserverErrors } from './server/errors.ts'

const early = createErrorAnswer(profiles['26.2'])
const later = createErrorAnswer(profiles['26.4'])
const ctx = createFakeContext({ id: 'request-7' })

const errorOf = (code: string, status: number) =>
  new GatewayError({
    code,
    status,
    title: 'Our title',
    detail: 'Why.',
    hint: 'What to do.',
    internal: { secret: 'CANARY-internal' },
    cause: new Error('CANARY-cause'),
  })

const answered = (answer: ReturnType<typeof early>) => {
  assert.ok(answer.kind === 'bytes' && typeof answer.body === 'string')
  assert.equal(answer.contentType, 'application/problem+json; charset=utf-8')
  const body = JSON.parse(answer.body) as Record<string, unknown>
  return { status: answer.status, ...body, type: String(body.type).replace('https://api.backend.ai/probs/', '') }
}

const verbatim: Readonly<Record<string, readonly [statusOfOurs: number, status: number, type: string, title: string]>> =
  {
    'backendAi.unauthorized': [401, 401, 'auth-failed', 'Unauthorized access'],
    'session.expired': [401, 401, 'auth-failed', 'Unauthorized access'],
    'credential.missing': [403, 401, 'auth-failed', 'Unauthorized access'],
    'signer.unsuitable': [403, 400, 'invalid-auth-params', 'Incompatible auth token type.'],
    'upstream.refused': [502, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'upstream.reset': [502, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'upstream.badAnswer': [502, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'upstream.untrusted': [502, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'upstream.webSocketRefused': [502, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'upstream.connectTimeout': [504, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'upstream.nowhere': [503, 502, 'bad-gateway', 'The proxy target server is inaccessible.'],
    'http.notFound': [404, 404, 'generic-not-found', 'Not Found'],
    'http.internal': [500, 500, 'internal-server-error', 'Something has gone wrong.'],
    'login.tooManyFailures': [429, 429, 'too-many-requests', 'Too many failed login attempts'],
  }

for (const [code, [ours, status, type, title]] of Object.entries(verbatim)) {
  test(`${code} leaves in the words of the protocol`, () => {
    const details = 'Why. What to do.'
    assert.deepEqual(answered(early(ctx, errorOf(code, ours))), { status, type, title, details, error_id: 'request-7' })
  })
}

test('from 26.4 on, that no endpoint is there is a problem of its own', () => {
  assert.deepEqual(answered(later(ctx, errorOf('upstream.nowhere', 503))), {
    status: 503,
    type: 'webserver/manager-connection-unavailable',
    title: 'No healthy Manager endpoint is available.',
    error_code: 'api_request_unavailable',
    msg: 'no healthy endpoint is available',
    details: 'Why. What to do.',
    error_id: 'request-7',
  })
})

test('a method that is not allowed is answered in plain text', () => {
  assert.deepEqual(early(ctx, errorOf('http.methodNotAllowed', 405)), {
    kind: 'bytes',
    status: 405,
    contentType: 'text/plain; charset=utf-8',
    body: '405: Method Not Allowed',
  })
})

test('so is a body that is too long', () => {
  const answer = early(ctx, webserverErrors.bodyTooLong({ limit: 1_048_576, size: 2_000_000 }))
  assert.deepEqual(answer, {
    kind: 'bytes',
    status: 413,
    contentType: 'text/plain; charset=utf-8',
    body: 'Maximum request body size 1048576 exceeded, actual body size 2000000',
  })
})

test('what the Web UI sends wrong is told with the type of its kind', () => {
  const types = {
    invalidParameters: 'generic-bad-request',
    alreadyLoggedIn: 'generic-bad-request',
    usernameMissing: 'invalid-api-params',
    passwordMissing: 'invalid-api-params',
    currentPasswordMissing: 'invalid-api-params',
    newPasswordMissing: 'invalid-api-params',
    tokenMissing: 'invalid-api-params',
    usernameUnusable: 'invalid-api-params',
  }
  for (const [name, type] of Object.entries(types)) {
    assert.ok(
      webserverErrors.catalogue.some(({ code }) => code === `webserver.${name}`),
      name,
    )
    const problem = answered(early(ctx, errorOf(`webserver.${name}`, 400)))
    assert.deepEqual([problem.status, problem.type], [400, type], name)
  }
  const problem = answered(early(ctx, errorOf('webserver.invalidParameters', 400)))
  assert.equal('error_code' in problem && problem.error_code, 'api_parsing_invalid-parameters')
})
