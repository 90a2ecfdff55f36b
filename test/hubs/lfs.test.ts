// Git LFS of a hub's repositories: batch, upload, verify, download, all by links to the gateway; and no credential of the
// hub's in what the browser gets.

import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { TestAnswer } from '../support/http-client.ts'
import { type HubBrowser, type HubsLab, startHubsLab } from './hubs-lab.ts'

const REPOSITORY = '/hubs/freiburg/plants/roots/barley.git'
const TYPE = 'application/vnd.git-lfs+json'

interface Batch {
  readonly objects: readonly {
    readonly oid: string
    readonly actions?: Readonly<Record<string, { readonly href: string; readonly header?: Record<string, string> }>>
  }[]
}

const ask = (browser: HubBrowser, lab: HubsLab, operation: string, objects: readonly object[], path = REPOSITORY) =>
  browser.send(`${path}/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { origin: new URL(lab.url).origin, 'content-type': TYPE, accept: TYPE },
    body: JSON.stringify({ operation, transfers: ['basic'], objects, hash_algo: 'sha256' }),
  })

test('batch, upload, verify, download: each by a link to the gateway', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  const ada = await lab.logIn('ada')
  const body = randomBytes(300_000)
  const object = { oid: hash('sha256', body), size: body.length }
  const origin = new URL(lab.url).origin

  const batch = await ask(ada, lab, 'upload', [object])
  assert.deepEqual([batch.status, batch.headers['content-type']], [200, TYPE])
  checkSecret(lab, batch)
  const { upload, verify } = (batch.json() as Batch).objects[0]?.actions ?? {}
  assert.equal(upload?.href, `${lab.url}${REPOSITORY}/gitlab-lfs/objects/${object.oid}/${object.size}`)
  assert.deepEqual(upload.header, { 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' })
  assert.equal(verify?.href, `${lab.url}${REPOSITORY}/info/lfs/verify`)

  const send = (href: string, method: string, content: string | Buffer, type: string) =>
    ada.send(href.slice(lab.url.length), { method, headers: { origin, 'content-type': type }, body: content })
  const octets = 'application/octet-stream'
  const wrong = await send(upload.href, 'PUT', Buffer.alloc(body.length), octets)
  assert.deepEqual([wrong.status, wrong.text], [400, 'SHA256 or size mismatch'])
  assert.equal((await send(upload.href, 'PUT', body, octets)).status, 200)
  assert.equal((await send(verify.href, 'POST', JSON.stringify(object), TYPE)).status, 200)
  assert.deepEqual(freiburg.lfs.verified, [object.oid])
  assert.equal(freiburg.projects[0]?.lfsObjects.get(object.oid), body.length)

  const again = (await ask(ada, lab, 'upload', [object])).json() as Batch
  assert.equal(again.objects[0]?.actions, undefined, 'it is there already')
  const download = await ask(ada, lab, 'download', [object])
  checkSecret(lab, download)
  const { href = '' } = (download.json() as Batch).objects[0]?.actions?.download ?? {}
  assert.equal(href, `${lab.url}${REPOSITORY}/gitlab-lfs/objects/${object.oid}`)
  assert.equal((await ada.get(href.slice(lab.url.length))).status, 200)

  for (const request of freiburg.requests) {
    assert.match(String(request.headers.authorization), /^Basic /, 'GitLab takes nothing else there')
    for (const token of freiburg.oauth.issued) assert.ok(!request.target.includes(token), 'no token in a URL')
  }
  const logged = JSON.stringify(lab.gateway.logs)
  for (const token of freiburg.oauth.issued) assert.ok(!logged.includes(token))
})

test('who may not, and what is no batch request', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  const [ada, mallory] = await Promise.all([lab.logIn('ada'), lab.logIn('mallory')])
  const origin = new URL(lab.url).origin
  const objects = [{ oid: '0'.repeat(64), size: 1 }]

  const denied = await ask(mallory, lab, 'upload', objects)
  assert.deepEqual(
    [denied.status, denied.text, denied.headers['www-authenticate']],
    [401, 'HTTP Basic: Access denied.', undefined],
  )
  assert.equal((await ask(ada, lab, 'upload', objects, '/hubs/tuebingen/plants/roots/barley.git')).status, 403)
  const forged = await ada.send(`${REPOSITORY}/info/lfs/objects/batch`, { method: 'POST', body: '{}' })
  assert.equal(forged.status, 403, 'from who knows where')
  assert.equal((await ada.get(`${REPOSITORY}/info/lfs/objects/batch`)).status, 405)
  const compressed = await ada.send(`${REPOSITORY}/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { origin, 'content-encoding': 'gzip' },
    body: 'x',
  })
  assert.equal(compressed.status, 400)
  const count = freiburg.requests.length
  const long = await ada.send(`${REPOSITORY}/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { origin },
    body: Buffer.alloc(1_048_577),
  })
  assert.equal(long.status, 413)
  for (const path of ['/info/refs?service=git-upload-pack', '/git-upload-pack', '/gitlab-lfs/', '/HEAD'])
    assert.equal((await ada.get(`${REPOSITORY}${path}`)).status, 404, path)
  assert.equal(freiburg.requests.length, count)
})

test('an answer that is none is no answer: nothing of it leaves', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = await lab.logIn('ada')
  const secret = 'CANARY-in-an-answer'
  const answers = [
    { status: 200, headers: { 'content-type': TYPE }, body: `{"objects":"${secret}"}` },
    { status: 200, headers: { 'content-type': 'text/html' }, body: `<html>${secret}</html>` },
    { status: 204 },
    { status: 302, headers: { location: `https://elsewhere.test/${secret}` } },
  ]
  for (const answer of answers) {
    lab.hubs.freiburg.instead = () => answer
    const got = await ask(ada, lab, 'upload', [])
    assert.deepEqual([got.status, (got.json() as { code: string }).code], [502, 'hubs.badLfsAnswer'])
    assert.doesNotMatch(JSON.stringify([got.headers, got.text]), new RegExp(secret))
  }
  lab.hubs.freiburg.instead = () => ({ status: 429, headers: { 'retry-after': '9' }, body: 'Retry later\n' })
  const limited = await ask(ada, lab, 'upload', [])
  assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '9'])
})

function checkSecret({ hubs: { freiburg } }: HubsLab, { headers, text }: TestAnswer): void {
  const all = JSON.stringify(headers) + text
  assert.doesNotMatch(all, /authorization/i)
  assert.ok(freiburg.lfs.issued.size > 0)
  for (const credential of [...freiburg.lfs.issued, ...freiburg.oauth.issued]) assert.ok(!all.includes(credential))
}
