import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLfsBatch, isLfsPath, toPublicBatch } from './lfs-batch.ts'

const place = { hubUrl: 'https://git.test/base', publicUrl: 'https://gate.test/x/hubs/one' }
const oid = 'a'.repeat(64)

const shown = (href: string, header?: object) => {
  const answer = { objects: [{ oid, size: 1, actions: { upload: { href, ...(header && { header }) } } }] }
  const batch = toPublicBatch(Buffer.from(JSON.stringify(answer)), place)
  assert.ok(batch !== undefined)
  return (JSON.parse(batch.toString()) as typeof answer).objects[0]?.actions.upload
}

test('links to the hub lead to the gateway, and only those of LFS', () => {
  const links: Readonly<Record<string, string>> = {
    'https://git.test/base/g/p.git/gitlab-lfs/objects/a/1':
      'https://gate.test/x/hubs/one/g/p.git/gitlab-lfs/objects/a/1',
    'https://git.test/base/g/s/p.git/info/lfs/verify?x=1': 'https://gate.test/x/hubs/one/g/s/p.git/info/lfs/verify?x=1',
    'https://oauth2:secret@git.test/base/g/p.git/info/lfs/x': 'https://gate.test/x/hubs/one/g/p.git/info/lfs/x',
    'https://git.test/base/api/v4/user': 'https://git.test/base/api/v4/user',
    'https://git.test/basement/g/p.git/info/lfs/x': 'https://git.test/basement/g/p.git/info/lfs/x',
    'https://git.test.evil.test/base/g/p.git/info/lfs/x': 'https://git.test.evil.test/base/g/p.git/info/lfs/x',
    'https://user:secret@store.test/bucket?sig=1': 'https://store.test/bucket?sig=1',
  }
  for (const [href, expected] of Object.entries(links)) assert.equal(shown(href)?.href, expected)
})

test('no credential stays in the headers of a link, wherever it leads', () => {
  const header = {
    Authorization: 'Basic x',
    authorization: 'y',
    'PRIVATE-TOKEN': 'z',
    Cookie: 'c',
    'x-amz-acl': 'private',
  }
  for (const href of ['https://git.test/base/g/p.git/info/lfs/x', 'https://store.test/bucket'])
    assert.deepEqual(shown(href, header), { href: shown(href)?.href, header: { 'x-amz-acl': 'private' } })
})

test('what is not of the specification does not leave', () => {
  const answer = {
    token: 'CANARY',
    transfer: 'basic',
    objects: [{ oid, size: 1, secret: 'CANARY', error: { code: 404, message: 'gone', debug: 'CANARY' } }],
  }
  const batch = toPublicBatch(Buffer.from(JSON.stringify(answer)), place)
  assert.deepEqual(JSON.parse(String(batch)), {
    transfer: 'basic',
    objects: [{ oid, size: 1, error: { code: 404, message: 'gone' } }],
  })
})

test('whatever comes, it is an answer that was understood, or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.jsonValue().map((value) => JSON.stringify(value)),
      ),
      (text) => {
        const batch = toPublicBatch(Buffer.from(text), place)
        if (batch !== undefined)
          assert.ok(Array.isArray((JSON.parse(batch.toString()) as { objects: unknown }).objects))
      },
    ),
  )
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), (href, secret) => {
      const link = shown(href, { authorization: secret })
      assert.deepEqual(link?.header, {})
    }),
  )
})

test('which paths are those of LFS', () => {
  for (const path of ['/g/p.git/info/lfs/objects/batch', '/g/s/t/p.git/info/lfs/objects/batch'])
    assert.ok(isLfsBatch(path))
  for (const path of [
    '/p.git/info/lfs/objects/batch',
    '/g/p.git/info/lfs/objects/batch/',
    '/g/p/info/lfs/objects/batch',
  ])
    assert.ok(!isLfsBatch(path), path)
  for (const path of [
    '/g/p.git/info/refs',
    '/g/p.git/git-upload-pack',
    '/g/p.git/x/objects',
    '/g/p.git/info/x',
    '/g/p.git/info/lfs/',
    '/g/p.git',
    '/api/v4/p.git',
    '//p.git/info/lfs/x',
  ])
    assert.ok(!isLfsPath(path), path)
})
