// Uploads that resume, through the gateway: what was cut off goes on from where it was (§10, the webserver dropped what it
// takes).

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'

const TUS = { 'tus-resumable': '1.0.0' }

test('an upload that breaks off resumes, without a session', { timeout: 30_000 }, async () => {
  await using lab = await startBackendAiLab()
  const content = randomBytes(300_000)
  const upload = lab.manager.uploads.create(content.length)
  const path = `/func/folders/_/tus/upload/${upload.token}`
  const client = lab.stranger()
  const { headers } = await client.ask(path, { method: 'OPTIONS' })
  assert.equal(headers['tus-version'], '1.0.0')

  const { hostname, port } = new URL(lab.gateway.url)
  const type = { 'content-type': 'application/offset+octet-stream' }
  const cut = request({
    hostname,
    port,
    path,
    method: 'PATCH',
    agent: false,
    headers: { ...TUS, ...type, 'upload-offset': '0', 'content-length': String(content.length) },
  })
  cut.on('error', () => {})
  cut.write(content.subarray(0, 120_000))
  const first = await lab.manager.whenRequest(({ method }) => method === 'PATCH')
  while (upload.received.length < 100_000) await new Promise((resolve) => setImmediate(resolve))
  cut.destroy()
  while (first.body.state === 'coming') await new Promise((resolve) => setImmediate(resolve))
  assert.equal(first.body.state, 'cut off')

  const head = await client.ask(path, { method: 'HEAD', headers: TUS })
  assert.equal(head.headers['cache-control'], 'no-store')
  const offset = Number(head.headers['upload-offset'])
  assert.ok(offset >= 100_000 && offset < content.length, `${offset}`)
  const rest = await client.ask(path, {
    method: 'PATCH',
    body: content.subarray(offset),
    headers: { ...TUS, ...type, 'upload-offset': String(offset) },
  })
  assert.deepEqual([rest.status, rest.headers['upload-offset']], [204, String(content.length)])
  assert.deepEqual(upload.received, content)
  assert.equal(lab.manager.counts.verified, 0)
})

test('parts of a file are parts', async () => {
  await using lab = await startBackendAiLab()
  const ada = await lab.logIn()
  await ada.ask('/func/folders/f/download', { headers: { range: 'bytes=0-3', 'if-range': '"x"' } })
  const received = lab.manager.requests.at(-1) ?? assert.fail()
  assert.deepEqual([received.all('range'), received.all('if-range')], [['bytes=0-3'], ['"x"']])
})
