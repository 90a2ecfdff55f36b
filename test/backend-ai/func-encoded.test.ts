// Bodies that the Web UI hides go on in plain, with their own length (§5.7); plugins are sent what came (§5.4).

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { hideBody } from './hide-body.ts'
import { problem } from './post.ts'

const lab = await startBackendAiLab({ hasRouter: true, hasPipeline: true })
after(() => lab[Symbol.asyncDispose]())
const ada = await lab.logIn()
const TEXT = '{"query":"query { user { email } }","say":"grüße"}'
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

for (const path of [
  '/func/folders',
  '/func/auth/update-password',
  '/func/admin/gql',
  '/pipeline/x',
  '/pipeline/login/',
]) {
  test(`decoded on the way to ${path}`, async () => {
    const { manager, router, pipeline } = lab
    const service = path.startsWith('/pipeline') ? pipeline : path.endsWith('gql') ? router : manager
    for (const flag of ['true', 'Yes', '1', 'ON', 't', 'y']) {
      const body = await hideBody(lab.gateway.url, TEXT)
      await ada.ask(path, { method: 'POST', body, headers: { ...JSON_TYPE, 'x-backendai-encoded': flag } })
      const request = service.requests.at(-1) ?? assert.fail()
      assert.equal((await request.body.whole()).toString(), TEXT)
      assert.deepEqual(request.all('content-length'), [String(Buffer.byteLength(TEXT))])
      assert.deepEqual(request.all('x-backendai-encoded'), [])
      assert.deepEqual(request.all('content-type'), [JSON_TYPE['content-type']])
      assert.equal(request.verified, path !== '/pipeline/x')
    }
  })
}

test('also where it comes in chunks', async () => {
  const headers = { ...JSON_TYPE, 'x-backendai-encoded': 'true', 'transfer-encoding': 'chunked' }
  const answer = await ada.ask('/func/x', { method: 'PUT', body: await hideBody(lab.gateway.url, TEXT), headers })
  assert.equal(answer.echo().body.bytes, Buffer.byteLength(TEXT))
  assert.equal(answer.echo().verified, true)
})

test('a body that is not hidden streams on as it is', async () => {
  for (const flag of [undefined, 'false', 'No', '0', 'off', 'f', 'n']) {
    const headers = { ...JSON_TYPE, 'x-backendai-encoded': flag }
    const answer = await ada.ask('/func/x', { method: 'POST', body: 'ABCDEFGHIJKLMNOP:AAAA', headers })
    assert.equal(answer.echo().body.bytes, 21)
    assert.deepEqual(lab.manager.requests.at(-1)?.all('x-backendai-encoded'), [])
  }
})

test('garbage is a 400, and goes nowhere', async () => {
  const asked = lab.manager.counts.all
  const hidden = await hideBody(lab.gateway.url, TEXT)
  const cases = [
    ['maybe', hidden],
    ['', hidden],
    ['true', ''],
    ['true', TEXT],
    ['true', hidden.slice(0, -4)],
    ['true', await hideBody('http://other.test', TEXT)],
    ['true', `${hidden.slice(0, 17)}AAAAAAAAAAAAAAAAAAAAAA==`],
  ] as const
  for (const [flag, body] of cases) {
    const answer = await ada.ask('/func/x', { method: 'POST', body, headers: { 'x-backendai-encoded': flag } })
    const { error_code } = answer.json()
    assert.deepEqual(
      [problem(answer), error_code],
      [
        { status: 400, type: 'generic-bad-request', title: 'Invalid or Missing API Parameters.' },
        'api_parsing_invalid-parameters',
      ],
      `${flag} ${body}`,
    )
  }
  assert.equal(lab.manager.counts.all, asked)
})

test('who has no session is told so before anything is read', async () => {
  const headers = { 'x-backendai-encoded': 'true', 'content-length': '1000000000' }
  const answer = await lab
    .stranger()
    .ask('/func/x', { method: 'POST', body: 'x', headers })
    .catch(() => undefined)
  assert.ok(answer === undefined || answer.status === 401)
})

test('plugins are sent what came', async () => {
  const body = await hideBody(lab.gateway.url, TEXT)
  const answer = await ada.ask('/func/custom-auth/x', {
    method: 'POST',
    body,
    headers: { 'x-backendai-encoded': 'true' },
  })
  assert.equal(answer.echo().body.bytes, body.length)
})
