// The pipeline service: open to anybody, but at its login, where it learns who the person is (§1.1, §5.2).

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { problem } from './post.ts'

const lab = await startBackendAiLab({ hasPipeline: true })
after(() => lab[Symbol.asyncDispose]())
const ada = await lab.logIn()
const name = ada.cookies.get('AIOHTTP_SESSION') ?? assert.fail('no session')
const named = { 'X-BackendAI-SessionID': name }

test('its login is signed, and told the name of the session where the client says it', async () => {
  for (const headers of [{}, named]) {
    const answer = await ada.ask('/pipeline/api/login/?x=1', { method: 'POST', body: '{}', headers })
    const echo = answer.echo()
    assert.deepEqual([echo.target, echo.verified], ['/api/login/?x=1', true])
    const told = lab.pipeline.requests.at(-1)?.all('x-backendai-sessionid')
    assert.deepEqual(told, 'X-BackendAI-SessionID' in headers ? [name] : [])
    assert.doesNotMatch(lab.pipeline.requests.at(-1)?.all('cookie').join() ?? '', /AIOHTTP/)
  }
})

test('without a session nobody gets to its login', async () => {
  const asked = lab.pipeline.counts.all
  for (const headers of [{}, { 'X-BackendAI-SessionID': 'f'.repeat(32) }]) {
    const answer = await lab.stranger().ask('/pipeline/login/', { method: 'POST', body: '{}', headers })
    assert.deepEqual(problem(answer), { status: 401, type: 'auth-failed', title: 'Unauthorized access' })
  }
  assert.equal(lab.pipeline.counts.all, asked)
})

test('everything else goes there unsigned, with the proof that the client brings', async () => {
  for (const client of [ada, lab.stranger()]) {
    for (const [method, path] of [
      ['GET', 'api/x'],
      ['PUT', 'api/x'],
      ['POST', 'login'],
      ['PATCH', 'a/b'],
      ['DELETE', 'login/'],
      ['GET', ''],
    ] as const) {
      const headers = { ...named, authorization: 'Bearer theirs' }
      assert.equal((await client.ask(`/pipeline/${path}`, { method, headers })).status, 200, `${method} ${path}`)
      const request = lab.pipeline.requests.at(-1) ?? assert.fail()
      assert.deepEqual([request.method, request.target], [method, `/${path}`])
      assert.deepEqual(request.all('authorization'), ['Bearer theirs'])
      assert.deepEqual(request.all('x-backendai-sessionid'), [])
      assert.doesNotMatch(request.all('cookie').join(), /AIOHTTP/)
    }
  }
})

test('it knows no HEAD', async () => {
  const answer = await ada.ask('/pipeline/x', { method: 'HEAD' })
  assert.deepEqual([answer.status, answer.headers.allow], [405, 'DELETE,GET,OPTIONS,PATCH,POST,PUT'])
})

test('where none is configured there is none', async () => {
  await using without = await startBackendAiLab()
  assert.equal((await without.stranger().ask('/pipeline/x')).status, 404)
})
