import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import { createClient } from '../../test/support/http-client.ts'
import { startEdge } from '../../test/support/start-edge.ts'
import { createDirectory, type DirectoryOptions } from './directory.ts'
import { createSiteOnDisk } from './site.fixture.ts'

async function startDirectory(settings: Partial<DirectoryOptions> = {}) {
  const disk = await createSiteOnDisk()
  await writeFile(join(disk.root, 'index.html'), '<title>Home</title>{{name}}')
  await writeFile(join(disk.root, 'index.html.br'), brotliCompressSync('as built'))
  const directory = createDirectory({
    path: disk.root,
    hasFolderIndexes: false,
    answersWithFrontPage: () => true,
    cacheControlOf: () => undefined,
    headersOf: () => ({ 'x-of-the-feature': 'yes', 'cache-control': 'no-store' }),
    ...settings,
  })
  const edge = await startEdge({
    mounts: [
      {
        id: 'files',
        prefix: '/',
        routeClass: 'public',
        authorize: () => ({ allow: true, rule: 'test' }),
        serve: (ctx, response) => directory.serve(ctx, response, ctx.target.path),
      },
    ],
  })
  return {
    ...createClient(`http://127.0.0.1:${edge.port}`),
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]()
      await disk[Symbol.asyncDispose]()
    },
  }
}

test('who serves says what answers where there is no file, but for what lies outside or has two readings', async () => {
  await using files = await startDirectory()
  for (const path of ['/', '/nothing', '/manual/', '/manual', '/.env', '/.well-known/x', '/a//b', '/digits.txt/']) {
    const { status, text } = await files.get(path)
    assert.equal(status, 200, path)
    assert.match(text, /Home/, path)
  }
  for (const path of ['/link-out.txt', '/passwd', '/a%2Fb', '/a%FF']) {
    assert.equal((await files.get(path)).status, 404, path)
  }
  await using strict = await startDirectory({ answersWithFrontPage: () => false })
  assert.equal((await strict.get('/')).status, 404)
  assert.equal((await strict.get('/index.html')).status, 200)
})

test('a header that is not wanted is not sent', async () => {
  await using files = await startDirectory()
  const { headers } = await files.get('/digits.txt')
  assert.equal(headers['x-of-the-feature'], 'yes')
  assert.equal(headers['cache-control'], undefined)
})

test('what is filled in is made anew each time, from the page and not from a coding of it', async () => {
  let count = 0
  await using files = await startDirectory({ fillInFrontPage: (_ctx, page) => page.replace('{{name}}', `n${++count}`) })
  for (const path of ['/', '/index.html', '/nothing']) {
    const { headers, text } = await files.get(path, {
      'accept-encoding': 'br',
      'if-none-match': '*',
      range: 'bytes=0-1',
    })
    assert.equal(text, `<title>Home</title>n${count}`)
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(headers['content-length'], String(text.length))
    assert.equal(headers.etag, undefined)
    assert.equal(headers['content-encoding'], undefined)
  }
  assert.equal(count, 3)
  const head = await files.send('/', { method: 'HEAD' })
  assert.equal(head.text, '')
  assert.equal(head.headers['content-length'], String('<title>Home</title>n4'.length))
  assert.match(String((await files.get('/digits.txt')).headers.etag), /^"/)
})
