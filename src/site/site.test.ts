import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { z } from 'zod'
import { startEdge } from '../../test/support/start-edge.ts'
import { sitesConfig } from './config.ts'
import { createSiteOnDisk, SCRIPT, SECRET } from './site.fixture.ts'
import { siteModule } from './site-module.ts'

interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

async function startSite(settings: Partial<NonNullable<z.input<typeof sitesConfig>>[number]> = {}) {
  const disk = await createSiteOnDisk()
  const sites = sitesConfig.parse([{ id: 'portal', directory: disk.root, ...settings }])
  const { mounts = [], start } = siteModule.create(deps, sites)
  const edge = await startEdge({ mounts })
  const open = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    request({ host: '127.0.0.1', port: edge.port, path, method, headers, agent: false }).end()
  const get = async (...asked: Parameters<typeof open>): Promise<Got> => {
    const [response] = (await once(open(...asked), 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
  }
  return {
    ...disk,
    edge,
    open,
    get,
    mounts,
    check: () => start?.(),
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]()
      await disk[Symbol.asyncDispose]()
    },
  }
}

const deps: Parameters<typeof siteModule.create>[0] = {
  publicUrl: { isHttps: false },
  access: {
    compilePolicy: (_owner, rules) => ({
      decide: () =>
        rules.some(({ allow }) => allow.includes('public'))
          ? { allow: true, rule: 'test' }
          : { allow: false, because: 'test', loginMayHelp: true, missing: [] },
    }),
    authorizeBy: (policy) => (ctx) => policy.decide({ method: ctx.method, path: ctx.target.path }, undefined),
  },
}

const NAVIGATION = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }
const SCRIPT_PATH = '/assets/app-BxK3a_9d.js'

test('files come with their type, length, validators and defences', async () => {
  await using site = await startSite()
  const page = await site.get('/')
  assert.equal(page.status, 200)
  assert.match(page.body.toString(), /Home/)
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(page.headers['cache-control'], 'no-cache')
  assert.equal(page.headers['content-length'], String(page.body.length))
  assert.equal(page.headers['accept-ranges'], 'bytes')
  assert.match(page.headers.etag ?? '', /^"[\w-]{27}"$/)
  assert.ok(Date.parse(page.headers['last-modified'] ?? '') > 0)
  assert.match(page.headers['content-security-policy']?.toString() ?? '', /default-src 'self'.*frame-ancestors 'none'/)
  assert.doesNotMatch(page.headers['content-security-policy']?.toString() ?? '', /script-src/)
  assert.equal(page.headers['x-content-type-options'], 'nosniff')
  const script = await site.get(SCRIPT_PATH)
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.equal(script.headers['content-security-policy'], page.headers['content-security-policy'])
  assert.equal((await site.get('/empty.txt')).headers['content-length'], '0')
  assert.equal((await site.get('/a%20b/%C3%BC.txt')).body.toString(), 'umlaut')
})

test('what must not be had is 404 and says nothing', { timeout: 20_000 }, async () => {
  await using site = await startSite()
  const paths = ['/.env', '/.git/config', '/link-out.txt', '/folder-out/secret.txt', '/neighbour/secret.txt', '/passwd']
  const more = [
    '/pipe',
    '/zero',
    '/loop',
    '/dangling',
    '/manual',
    '/assets/',
    '/digits.txt/',
    '/a%2Fb',
    '/x//y',
    '/assets',
  ]
  for (const path of [...paths, ...more]) {
    for (const headers of [{}, { 'accept-encoding': 'br, gzip' }]) {
      const got = await site.get(path, headers)
      assert.equal(got.status, 404, path)
      assert.ok(!got.body.includes(SECRET), path)
    }
  }
  for (const path of ['/../outside/secret.txt', '/%2e%2e/outside/secret.txt', '/a%5Cb', '/a%00b', '/..%2foutside']) {
    assert.equal((await site.get(path)).status, 400, path)
  }
  const reasons = site.edge.logged.filter(({ event }) => event === 'site_file_refused').map(({ reason }) => reason)
  assert.ok(reasons.includes('outside'))
})

test('a link beside a file is no coding of it', async () => {
  await using site = await startSite()
  const got = await site.get('/linked.js', { 'accept-encoding': 'gzip' })
  assert.equal(got.body.toString(), 'plain')
  assert.equal(got.headers['content-encoding'], undefined)
})

test('index.html answers navigations only; a missing asset is 404', async () => {
  await using site = await startSite()
  for (const path of ['/jobs', '/jobs/7', '/users/jane.doe', '/manual', '/assets/']) {
    const page = await site.get(path, NAVIGATION)
    assert.equal(page.status, 200, path)
    assert.match(page.body.toString(), /Home/, path)
    assert.equal(page.headers['cache-control'], 'no-cache')
  }
  assert.equal((await site.get('/jobs', { accept: 'text/html' })).status, 200)
  assert.equal((await site.get('/jobs', { accept: '*/*' })).status, 404)
  assert.equal((await site.get('/assets/gone-BxK3a_9d.js', { 'sec-fetch-mode': 'no-cors', accept: '*/*' })).status, 404)
  assert.equal((await site.get('/gone.json', { 'sec-fetch-mode': 'cors', accept: 'text/html' })).status, 404)
  for (const path of ['/.env', '/a%2Fb', '/link-out.txt', '/x//y']) {
    assert.equal((await site.get(path, NAVIGATION)).status, 404, path)
  }
})

test('without spa a missing page is 404 and a folder has its own index', async () => {
  await using site = await startSite({ spa: false })
  assert.equal((await site.get('/jobs', NAVIGATION)).status, 404)
  assert.match((await site.get('/manual/', NAVIGATION)).body.toString(), /Manual/)
})

test('a site under a path serves what is below it', async () => {
  await using site = await startSite({ path: '/app/cutout/' })
  assert.match((await site.get('/app/cutout/')).body.toString(), /Home/)
  assert.equal((await site.get('/app/cutout/digits.txt')).body.toString(), '0123456789')
  assert.match((await site.get('/app/cutout/jobs', NAVIGATION)).body.toString(), /Home/)
  assert.equal((await site.get('/digits.txt')).status, 404)
})

test('only GET and HEAD are allowed', async () => {
  await using site = await startSite()
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    const got = await site.get('/digits.txt', {}, method)
    assert.equal(got.status, 405, method)
    assert.equal(got.headers.allow, 'GET, HEAD')
  }
  const head = await site.get('/digits.txt', {}, 'HEAD')
  assert.equal(head.status, 200)
  assert.equal(head.headers['content-length'], '10')
  assert.equal(head.body.length, 0)
  assert.equal((await site.get('/digits.txt', { range: 'bytes=0-1' }, 'HEAD')).status, 200)
})

test('a coding that lies ready is sent to who takes it', async () => {
  await using site = await startSite()
  const ask = async (path: string, accepted?: string) =>
    site.get(path, accepted === undefined ? {} : { 'accept-encoding': accepted })
  const plain = await ask(SCRIPT_PATH)
  const brotli = await ask(SCRIPT_PATH, 'gzip, br')
  const gzip = await ask(SCRIPT_PATH, 'gzip')
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.body.toString(), SCRIPT)
  assert.equal(brotli.headers['content-encoding'], 'br')
  assert.equal(brotliDecompressSync(brotli.body).toString(), SCRIPT)
  assert.equal(gzip.headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(gzip.body).toString(), SCRIPT)
  assert.equal(new Set([plain, brotli, gzip].map(({ headers }) => headers.etag)).size, 3)
  for (const { headers } of [plain, brotli, gzip]) {
    assert.equal(headers.vary, 'Accept-Encoding')
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8')
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  }
  assert.equal((await ask('/assets/zipped.css', 'br, gzip')).headers['content-encoding'], 'gzip')
  assert.equal((await ask('/digits.txt', 'br, gzip')).headers['content-encoding'], undefined)
  const other = await site.get(SCRIPT_PATH, { 'accept-encoding': 'gzip', 'if-none-match': brotli.headers.etag ?? '' })
  assert.equal(other.status, 200)
})

test('a copy that is still good is confirmed without a body', async () => {
  await using site = await startSite()
  const { headers } = await site.get('/digits.txt')
  const etag = headers.etag ?? ''
  const confirmed = await site.get('/digits.txt', { 'if-none-match': `"x", ${etag}` })
  assert.equal(confirmed.status, 304)
  assert.equal(confirmed.body.length, 0)
  assert.equal(confirmed.headers.etag, etag)
  assert.equal(confirmed.headers['cache-control'], headers['cache-control'])
  assert.equal(confirmed.headers.vary, 'Accept-Encoding')
  assert.equal(confirmed.headers['content-type'], undefined)
  assert.equal((await site.get('/digits.txt', { 'if-modified-since': headers['last-modified'] ?? '' })).status, 304)
  assert.equal((await site.get('/digits.txt', { 'if-none-match': etag }, 'HEAD')).status, 304)
  assert.equal((await site.get('/digits.txt', { 'if-match': '"x"' })).status, 412)
})

test('the tag follows the content, even where time and size do not', async () => {
  await using site = await startSite()
  const path = join(site.root, 'digits.txt')
  const time = new Date('2026-01-01T00:00:00Z')
  await utimes(path, time, time)
  const before = await site.get('/digits.txt')
  await writeFile(`${path}.new`, '9876543210')
  await utimes(`${path}.new`, time, time)
  await rename(`${path}.new`, path)
  const after = await site.get('/digits.txt', { 'if-none-match': before.headers.etag ?? '' })
  assert.equal(after.status, 200)
  assert.equal(after.body.toString(), '9876543210')
  assert.equal(after.headers['last-modified'], before.headers['last-modified'])
  await writeFile(path, '0123456789')
  assert.equal((await site.get('/digits.txt')).headers.etag, before.headers.etag)
})

test('a part of a file is sent to who asks for one', async () => {
  await using site = await startSite()
  const ask = (range: string, ifRange?: string) =>
    site.get('/digits.txt', { range, ...(ifRange !== undefined && { 'if-range': ifRange }) })
  const { headers } = await site.get('/digits.txt')
  const part = await ask('bytes=2-4')
  assert.equal(part.status, 206)
  assert.equal(part.body.toString(), '234')
  assert.equal(part.headers['content-range'], 'bytes 2-4/10')
  assert.equal(part.headers['content-length'], '3')
  assert.equal((await ask('bytes=-3')).body.toString(), '789')
  const beyond = await ask('bytes=10-')
  assert.equal(beyond.status, 416)
  assert.equal(beyond.headers['content-range'], 'bytes */10')
  assert.equal((await ask('bytes=0-1,4-5')).status, 200)
  assert.equal((await ask('bytes=2-4', headers.etag)).status, 206)
  assert.equal((await ask('bytes=2-4', '"x"')).body.toString(), '0123456789')
})

test('a deployment that switches the link to the next release is seen at once', async () => {
  await using site = await startSite()
  await using next = await createSiteOnDisk()
  await writeFile(join(next.root, 'index.html'), 'next release')
  const current = join(site.outside, 'current')
  await symlink(site.root, current)
  const sites = sitesConfig.parse([{ id: 'portal', directory: current }])
  const { mounts = [] } = siteModule.create(deps, sites)
  await using edge = await startEdge({ mounts })
  const load = async () => (await fetch(edge.url)).text()
  assert.match(await load(), /Home/)
  await symlink(next.root, `${current}.new`)
  await rename(`${current}.new`, current)
  assert.equal(await load(), 'next release')
})

test('who leaves in the middle leaves no open file behind', async () => {
  await using site = await startSite()
  const large = join(site.root, 'large.bin')
  await writeFile(large, '')
  await truncate(large, 48 * 1024 * 1024)
  const openFiles = () => readdirSync('/dev/fd').length
  await site.get('/digits.txt')
  const before = openFiles()
  for (let visitor = 0; visitor < 5; visitor++) {
    const asked = site.open('/large.bin')
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    await once(response, 'readable')
    const finished = site.edge.finished.length
    asked.destroy()
    while (site.edge.finished.length === finished) await new Promise(setImmediate)
  }
  await site.get('/digits.txt')
  assert.ok(openFiles() <= before + 1, `${openFiles()} after, ${before} before`)
  assert.equal(site.edge.logged.filter(({ event }) => event === 'request_error').length, 0)
})

test('a slow reader holds the file back instead of filling the memory', async () => {
  await using site = await startSite()
  const large = join(site.root, 'large.bin')
  await writeFile(large, '')
  await truncate(large, 200 * 1024 * 1024)
  const [response] = (await once(site.open('/large.bin'), 'response')) as [IncomingMessage]
  assert.equal(response.headers.etag, undefined)
  await once(response, 'readable')
  // Other requests are served many times over while nobody reads.
  for (let round = 0; round < 50; round++) await site.get('/digits.txt')
  assert.ok(process.memoryUsage().arrayBuffers < 60 * 1024 * 1024)
  response.destroy()
})

test('a file that shrinks while it is sent breaks the message', { timeout: 10_000 }, async () => {
  await using site = await startSite()
  const large = join(site.root, 'large.bin')
  await writeFile(large, '')
  await truncate(large, 100 * 1024 * 1024)
  const [response] = (await once(site.open('/large.bin', { connection: 'keep-alive' }), 'response')) as [
    IncomingMessage,
  ]
  await truncate(large, 1024)
  await assert.rejects(async () => {
    for await (const _chunk of response) void _chunk
  })
  assert.equal(response.complete, false)
  const problems = site.edge.logged.filter(({ event }) => event === 'request_error')
  assert.match(String(problems[0]?.err), /became shorter while it was sent/)
})

test('a site that is not public is a mount that people must be let into', async () => {
  await using site = await startSite({ allow: ['group:lab'], title: 'Portal' })
  assert.equal(site.mounts[0]?.routeClass, 'proxied')
  assert.equal((await site.get('/')).headers['cache-control'], 'private, no-cache')
  assert.deepEqual(site.mounts[0]?.card, { title: 'Portal' })
  await using open = await startSite()
  assert.equal(open.mounts[0]?.routeClass, 'public')
  assert.equal(open.mounts[0]?.card, undefined)
})

test('a site without its directory or its index does not start', async () => {
  await using whole = await startSite()
  await whole.check()
  await using gone = await startSite({ directory: '/nowhere/at/all' })
  await assert.rejects(async () => gone.check(), /"portal" cannot be served: its directory/)
  await using bare = await startSite({ directory: join(whole.root, 'assets') })
  await assert.rejects(async () => bare.check(), /index\.html .* is missing/)
  await using noSpa = await startSite({ directory: join(whole.root, 'assets'), spa: false })
  await noSpa.check()
})

test('what cannot be a site is refused with its place and reason', () => {
  const base = { id: 'a', directory: '/srv' }
  const issuesOf = (sites: unknown) =>
    sitesConfig.safeParse(sites).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
  assert.deepEqual(issuesOf([base, { ...base, id: 'b', path: '/b/' }]), [])
  assert.match(issuesOf([{ ...base, path: '/b' }])[0] ?? '', /^0\.path: .*ends with/)
  assert.match(issuesOf([{ ...base, path: '/../' }])[0] ?? '', /^0\.path: .*no "\.\."/)
  assert.match(issuesOf([{ ...base, path: '/a;b/' }])[0] ?? '', /^0\.path: .*made of letters/)
  assert.match(issuesOf([{ ...base, path: '/auth/x/' }])[0] ?? '', /^0\.path: .*is the gateway’s own/)
  assert.match(issuesOf([{ ...base, allow: ['lab'] }])[0] ?? '', /^0\.allow\.0: /)
  assert.match(issuesOf([{ ...base, contentSecurityPolicy: "default-src 'self'\r\nX: y" }])[0] ?? '', /one line/)
  assert.match(issuesOf([base, { ...base, path: '/b/' }])[0] ?? '', /^1\.id: another site/)
  assert.match(issuesOf([base, { ...base, id: 'b' }])[0] ?? '', /^1\.path: another site/)
})
