import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { type Manager, startManager } from './index.ts'
import { ask, type Sent } from './signed-client.ts'

const path = (token: string) => `/folders/_/tus/upload/${token}`
const headers = (offset: number) => ({
  'Tus-Resumable': '1.0.0',
  'Content-Type': 'application/offset+octet-stream',
  'Upload-Offset': String(offset),
})

async function startUpload(length: number) {
  const manager: Manager = await startManager()
  const upload = manager.uploads.create(length)
  const send = (sent: Sent) => ask(manager.url + path(upload.token), sent)
  return { manager, upload, send }
}

describe('an upload', () => {
  test('goes on where it was cut off', async () => {
    const { manager, upload, send } = await startUpload(10)
    await using _ = manager
    const outgoing = request(manager.url + path(upload.token), {
      method: 'PATCH',
      headers: { ...headers(0), 'Content-Length': 10 },
    })
    outgoing.on('error', () => {})
    outgoing.write('hello')
    const record = await manager.whenRequest(({ method }) => method === 'PATCH')
    while (record.body.bytes < 5) await new Promise(setImmediate)
    outgoing.destroy()
    await assert.rejects(record.body.whole(), /cut off after 5 bytes/)

    const { headers: known } = await send({ method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })
    assert.deepEqual([known['upload-offset'], known['upload-length'], known['cache-control']], ['5', '10', 'no-store'])
    const answer = await send({ method: 'PATCH', headers: headers(5), body: 'world' })
    assert.deepEqual([answer.status, answer.headers['upload-offset']], [204, '10'])
    assert.equal(upload.received.toString(), 'helloworld')
  })

  test('says what it speaks', async () => {
    const { manager, send } = await startUpload(1)
    await using _ = manager
    const answer = await send({ method: 'OPTIONS' })
    assert.deepEqual([answer.status, answer.headers['tus-version']], [204, '1.0.0'])
  })

  const refused: Readonly<Record<string, readonly [status: number, change: Record<string, string>]>> = {
    'at another place': [409, { 'Upload-Offset': '0' }],
    'beyond its end': [413, { 'Content-Length': '8' }],
    'of another version': [412, { 'Tus-Resumable': '0.2.2' }],
    'of another type': [415, { 'Content-Type': 'application/octet-stream' }],
  }
  for (const [name, [status, change]] of Object.entries(refused)) {
    test(`takes nothing ${name}`, async () => {
      const { manager, upload, send } = await startUpload(10)
      await using _ = manager
      await send({ method: 'PATCH', headers: headers(0), body: 'abc' })
      const answer = await send({ method: 'PATCH', headers: { ...headers(3), ...change }, body: 'abcdefgh' })
      assert.equal(answer.status, status)
      assert.equal(upload.received.toString(), 'abc')
    })
  }

  test('that nobody began is not there', async () => {
    const { manager } = await startUpload(1)
    await using _ = manager
    assert.equal((await ask(manager.url + path('x'), { method: 'PATCH', headers: headers(0), body: 'a' })).status, 404)
  })
})
