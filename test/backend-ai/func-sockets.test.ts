// WebSockets to Manager and pipeline (§5.6): who may, what passes, and how they end.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { LabRefusal, type LabSocket } from './lab-client.ts'

const lab = await startBackendAiLab({ hasPipeline: true, hasRouter: true })
after(() => lab[Symbol.asyncDispose]())
const ada = await lab.logIn()

/** The newest socket of the Manager's, and ours. */
async function open(target = '/func/stream/session/x/pty?app=ttyd', protocols: readonly string[] = []) {
  const index = lab.manager.sockets.length
  const ours = await ada.open(target, { protocols })
  return { ours, theirs: await lab.manager.socket(index) }
}

const refusalOf = async (opening: Promise<LabSocket>): Promise<LabRefusal> => {
  const refusal = await opening.then(
    () => assert.fail('it was opened'),
    (error: unknown) => error,
  )
  assert.ok(refusal instanceof LabRefusal, String(refusal))
  return refusal
}

const typeOf = ({ body }: LabRefusal): unknown => (JSON.parse(body) as { type: unknown }).type

test('text and bytes pass both ways; the handshake is signed, says no type and tells no cookie', async () => {
  ada.cookies.set('theme', 'dark')
  const { ours, theirs } = await open()
  for (const message of ['grüße', Buffer.from([0, 1, 255]), 'x'.repeat(100_000), Buffer.alloc(100_000, 7)]) {
    ours.send(message)
    assert.deepEqual(await ours.next(), message)
  }
  const { request } = theirs
  assert.equal(request.target, '/stream/session/x/pty?app=ttyd')
  assert.equal(request.verified, true)
  for (const name of ['content-type', 'cookie', 'origin', 'x-backendai-sessionid'])
    assert.deepEqual(request.all(name), [], name)
  ours.close(1000)
  await ours.closed
})

test('the subprotocol is the one that the Manager chose', async () => {
  const { ours, theirs } = await open('/func/stream/x', ['first', 'second'])
  assert.deepEqual([ours.protocol, theirs.protocol], ['second', 'second'])
  ours.close(1000)
  await ours.closed
})

test('a close of either side reaches the other, with code and reason', async () => {
  const one = await open()
  one.ours.send('close:4001:over and out')
  assert.deepEqual(await one.ours.closed, { code: 4001, reason: 'over and out' })
  const other = await open()
  other.ours.close(4002, 'enough')
  assert.deepEqual(await other.theirs.closed, { code: 4002, reason: 'enough' })
  const cut = await open()
  cut.theirs.terminate()
  assert.equal((await cut.ours.closed).code, 1011)
})

test('a ping of the Manager is answered', async () => {
  const { ours } = await open()
  ours.send('ping')
  assert.equal(await ours.next(), 'pong')
  ours.close(1000)
  await ours.closed
})

test('the session may be named by the header alone, and nothing else is believed', async () => {
  const name = ada.cookies.get('AIOHTTP_SESSION') ?? assert.fail('no session')
  const nobody = lab.stranger()
  const byHeader = await nobody.open('/func/stream/x', { headers: { 'X-BackendAI-SessionID': name } })
  byHeader.send('hello')
  assert.equal(await byHeader.next(), 'hello')
  byHeader.close(1000)
  await byHeader.closed
  const opened = lab.manager.sockets.length
  for (const headers of [
    {},
    { 'X-BackendAI-SessionID': 'f'.repeat(32) },
    { cookie: `AIOHTTP_SESSION=${'f'.repeat(32)}` },
  ]) {
    const refusal = await refusalOf(nobody.open('/func/stream/x', { headers }))
    assert.equal(refusal.status, 401)
    assert.equal(typeOf(refusal), 'https://api.backend.ai/probs/auth-failed')
  }
  const query = await refusalOf(nobody.open(`/func/stream/x?sid=${name}&token=${name}`))
  assert.equal(query.status, 401)
  assert.equal(lab.manager.sockets.length, opened)
})

test('a page of another site opens none', async () => {
  const refusal = await refusalOf(ada.open('/func/stream/x', { headers: { origin: 'https://evil.test' } }))
  assert.equal(refusal.status, 403)
})

test('unless the operator lets it: then it does, at that service', async () => {
  const origins = ['https://lab.example.test']
  const webSockets = { origins }
  await using open = await startBackendAiLab({ hasPipeline: true, backendAi: { manager: { webSockets } } })
  const client = await open.logIn()
  const headers = { origin: 'https://lab.example.test' }
  const socket = await client.open('/func/stream/x', { headers })
  socket.close(1000)
  await socket.closed
  assert.equal((await refusalOf(client.open('/pipeline/stream/x', { headers }))).status, 403)
})

test('what the Manager refuses, or does not answer, is a 502 that tells nothing of it', async () => {
  for (const misbehaviour of [
    { kind: 'answer', status: 404, body: 'CANARY-inside' },
    { kind: 'answer', status: 200, body: 'CANARY-inside' },
    { kind: 'hang up' },
    { kind: 'say', bytes: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n' },
  ] as const) {
    const off = lab.manager.disturb(misbehaviour)
    const refusal = await refusalOf(ada.open('/func/stream/x'))
    off()
    assert.equal(refusal.status, 502, JSON.stringify(misbehaviour))
    assert.equal(typeOf(refusal), 'https://api.backend.ai/probs/bad-gateway')
    assert.doesNotMatch(refusal.body, new RegExp(`CANARY|${lab.manager.port}`))
  }
})

test('any other address of the Manager may be opened as well; those of plugins and ours are not', async () => {
  for (const target of ['/func/stream/kernel/_/events', '/func/stream/session/x/apps']) {
    const { ours } = await open(target)
    ours.close(1000)
    await ours.closed
  }
  for (const target of ['/func/cloud/x', '/func/openid/x', '/func/custom-auth/x', '/func/ping']) {
    assert.equal((await refusalOf(ada.open(target))).status, 400, target)
  }
})

test('a plain request to where only WebSockets are is told so', async () => {
  const answer = await ada.ask('/func/stream/session/x/pty')
  assert.deepEqual([answer.status, answer.headers.upgrade], [426, 'websocket'])
  assert.equal((await lab.stranger().ask('/func/stream/session/x/pty')).status, 401)
})

test('the pipeline is opened by anybody, unsigned', async () => {
  const nobody = lab.stranger()
  const socket = await nobody.open('/pipeline/stream/x?a=1', { headers: { authorization: 'Bearer pipeline' } })
  socket.send('hello')
  assert.equal(await socket.next(), 'hello')
  const { request } = await lab.pipeline.socket(0)
  assert.equal(request.target, '/stream/x?a=1')
  assert.equal(request.verification.hmac?.isValid ?? false, false)
  assert.deepEqual(request.all('authorization'), [])
  socket.close(1000)
  await socket.closed
  assert.equal((await nobody.ask('/pipeline/stream/x')).status, 426)
})

test('the end of the session ends what it has open', async () => {
  const grace = await lab.logIn('grace@example.org')
  const socket = await grace.open('/func/stream/x')
  assert.equal((await grace.ask('/server/logout', { method: 'POST', body: '{}' })).status, 200)
  assert.equal((await socket.closed).code, 4401)
})
