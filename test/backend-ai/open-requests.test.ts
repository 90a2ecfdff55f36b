// What a session has open ends with it, whatever else is under way; and whoever ends it is told so.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { type BackendAiLab, startBackendAiLab } from './backend-ai-lab.ts'
import type { LabClient } from './lab-client.ts'
import { post } from './post.ts'

/** Until so many requests have lasted long enough to be watched. */
async function watched(lab: BackendAiLab, count: number): Promise<void> {
  while (lab.gateway.apis.sessions.openRequests.size() !== count) await new Promise(setImmediate)
}

const begin = (lab: BackendAiLab, { headers }: LabClient, method: string, path: string): ClientRequest =>
  request(lab.gateway.url + path, { method, headers: { ...headers, 'content-type': 'text/plain' }, agent: false })

for (const profile of ['26.4', '26.8'] as const) {
  test(`${profile}: who logs out is answered, however long the Manager takes to hear of it`, async () => {
    await using lab = await startBackendAiLab({ profile })
    const ada = await lab.logIn()
    const goOn = Promise.withResolvers<void>()
    lab.manager.disturb({ kind: 'hold', until: goOn.promise }, { target: /^\/auth\/logout$/ })
    const answering = post(ada, 'logout')
    // Its record is gone, and so the session ends before the logout is through.
    while (!lab.gateway.logs.some(({ event }) => event === 'session_end')) await new Promise(setImmediate)
    goOn.resolve()
    const answer = await answering
    assert.deepEqual([answer.status, answer.bytes.toString()], [200, '200: OK'])
    assert.equal((await ada.ask('/func/folders')).status, 401)
  })
}

test('a stream of events ends with its session also beside an upload that waits for its answer', async () => {
  await using lab = await startBackendAiLab()
  const [ada, grace] = [await lab.logIn(), await lab.logIn('grace@example.org')]
  const goOn = Promise.withResolvers<void>()
  lab.manager.disturb({ kind: 'hold', until: goOn.promise }, { target: /^\/slow$/ })

  const upload = begin(lab, grace, 'POST', '/func/slow')
  upload.write('begun')
  await watched(lab, 1)
  upload.end('and ended')
  const stream = begin(lab, ada, 'GET', '/func/stream/kernel/_/events').end()
  const [events] = (await once(stream, 'response')) as [IncomingMessage]
  events.resume()
  await watched(lab, 2)
  const closed = Promise.withResolvers<Error>()
  events.once('error', closed.resolve)
  assert.equal((await post(ada, 'logout')).status, 200)
  assert.match((await closed.promise).message, /aborted/)

  const answered = once(upload, 'response')
  goOn.resolve()
  const [answer] = (await answered) as [IncomingMessage]
  assert.equal(answer.statusCode, 200)
  answer.resume()
})
