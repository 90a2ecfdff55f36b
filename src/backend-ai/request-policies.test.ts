import assert from 'node:assert/strict'
import { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { httpErrors, type Mount, type Route } from '#http'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createRequestPolicies } from './request-policies.ts'

const BOTH = ['reject_metadata_local_link_policy', 'reject_access_for_unsafe_file_policy'] as const

const mount: Mount = {
  id: 'files',
  prefix: '/',
  routeClass: 'public',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async () => ({ kind: 'empty', status: 204 }),
  errorAnswer: () => ({ kind: 'empty', status: 418 }),
}

const contextOf = (path: string, host = 'gate.example.org') =>
  createFakeContext({ request: { headers: { host } }, target: path })

async function passes(guarded: Mount, path: string, host?: string): Promise<boolean> {
  const ctx = contextOf(path, host)
  try {
    await guarded.serve(ctx, new ServerResponse(ctx.request))
  } catch (error) {
    const answer = guarded.errorAnswer?.(ctx, httpErrors.unknownHost({ publicOrigin: 'x' }))
    assert.ok(answer?.kind === 'bytes')
    assert.deepEqual([answer.status, answer.body], [403, '403: Forbidden'])
    assert.match(String(error), /policy/)
    return false
  }
  assert.equal(guarded.errorAnswer?.(ctx, httpErrors.notFound({}))?.status, 418)
  return true
}

const METADATA = `169.254.169.254 169.254.169.254:80 169.254.169.254. 2852039166 0xA9FEA9FE 0251.0376.0251.0376
  [::ffff:169.254.169.254] [::ffff:a9fe:a9fe]:8080 100.100.100.200:443 metadata.google.internal
  Metadata.Google.Internal. metadata.google.internal:8080 alibaba.zaproxy.org metadata.oraclecloud.com`

test('a metadata service is known by its name and address, however they are spelled', async () => {
  const { files, forwarded } = createRequestPolicies(BOTH)
  for (const host of METADATA.split(/\s+/)) {
    for (const guarded of [files(mount), forwarded(mount)]) assert.equal(await passes(guarded, '/', host), false, host)
  }
  for (const host of ['gate.example.org', '169.254.169.253', 'metadata.google.internal.example.org', '', '[::1]'])
    assert.equal(await passes(files(mount), '/', host), true, host)
})

test('what version control and editors leave behind is no file, wherever it is in the path', async () => {
  const { files } = createRequestPolicies(BOTH)
  const unsafe =
    '/.git /.git/config /a/.SVN/entries /server.log /.log /app.js.bak /BitKeeper/x /.hg;a=b/x /x/.bzr/ /._darcs'
  for (const path of unsafe.split(' ')) assert.equal(await passes(files(mount), path), false, path)
  for (const path of ['/', '/git', '/.gitignored', '/log', '/logs/x.js', '/bak.js'])
    assert.equal(await passes(files(mount), path), true, path)
})

test('what is forwarded may be called as its service likes, but for the last name', async () => {
  const { forwarded } = createRequestPolicies(BOTH)
  for (const path of ['/func/folders/x.bak', '/func/.git/x', '/func/a/x.log'])
    assert.equal(await passes(forwarded(mount), path), true, path)
  for (const path of ['/func/.git', '/func/a/.log']) assert.equal(await passes(forwarded(mount), path), false, path)
})

test('what is not asked for is not refused', async () => {
  const { files } = createRequestPolicies([])
  assert.equal(await passes(files(mount), '/.git', '169.254.169.254'), true)
  assert.equal(files(mount), mount)
  const { files: onlyHost } = createRequestPolicies(['reject_metadata_local_link_policy'])
  assert.equal(await passes(onlyHost(mount), '/.git'), true)
  assert.equal(await passes(onlyHost(mount), '/', '169.254.169.254'), false)
  const { files: onlyFiles } = createRequestPolicies(['reject_access_for_unsafe_file_policy'])
  assert.equal(await passes(onlyFiles(mount), '/', '169.254.169.254'), true)
  assert.equal(await passes(onlyFiles(mount), '/.git'), false)
})

test('upgrades and routes are checked as well', async () => {
  const { forwarded, routes } = createRequestPolicies(BOTH)
  const upgrade = forwarded({ ...mount, upgrade: async () => {} }).upgrade
  const ctx = contextOf('/func/x', '169.254.169.254')
  // Nothing of the socket is looked at before the check.
  await assert.rejects(async () => upgrade?.(ctx, undefined as never, Buffer.of()), /policy/)
  assert.equal(forwarded(mount).upgrade, undefined)
  const route: Route = {
    method: 'GET',
    path: '/stats',
    routeClass: 'public',
    access: 'public',
    handle: () => ({ kind: 'empty', status: 204 }),
  }
  const input = { params: {}, query: {}, body: {} }
  const [guarded] = routes([route])
  assert.equal((await guarded?.handle(ctx, input))?.status, 403)
  assert.equal((await guarded?.handle(contextOf('/stats'), input))?.status, 204)
})
