import assert from 'node:assert/strict'
import { open, readdir, rename, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { toFileNames } from './file-path.ts'
import { findByIdentity, openFile } from './open-file.ts'
import { createSiteOnDisk, SECRET } from './site.fixture.ts'

const DOTS = '.. . ... %2e%2e %2E. ..; ..%2f ..%5c %00 %c0%ae%c0%ae %252e%252e ~'.split(' ')
const PLACES = 'outside secret.txt site site-backup assets manual folder-out neighbour link-out.txt link-in.txt'.split(
  ' ',
)
const NAMES = '.env .git config passwd etc proc self root index.html loop pipe'.split(' ')
const SEGMENTS = [...DOTS, ...PLACES, ...NAMES, '', '. .']

/** What a visitor would read, or why not. */
async function read(root: string, path: string): Promise<string> {
  const names = toFileNames(path, 'index.html')
  if (typeof names === 'string') return names
  const opened = await openFile(root, names)
  if (typeof opened === 'string') return opened
  try {
    return `content ${await opened.handle.readFile('utf8')}`
  } finally {
    await opened.handle.close()
  }
}

test('only regular files inside the root are opened', { timeout: 10_000 }, async () => {
  await using site = await createSiteOnDisk()
  const table: readonly (readonly [path: string, expected: string | RegExp])[] = [
    ['/digits.txt', 'content 0123456789'],
    ['/link-in.txt', 'content 0123456789'],
    ['/', /^content .*Home/],
    ['/manual/', /^content .*Manual/],
    ['/a%20b/%C3%BC.txt', 'content umlaut'],
    ['/manual', 'missing'],
    ['/assets/', 'missing'],
    ['/digits.txt/', 'missing'],
    ['/digits.txt/x', 'missing'],
    ['/nothing', 'missing'],
    ['/dangling', 'missing'],
    ['/loop', 'missing'],
    ['/pipe', 'missing'],
    ['/zero', 'missing'],
    [`/${'x'.repeat(300)}`, 'missing'],
    ['/link-out.txt', 'outside'],
    ['/folder-out/secret.txt', 'outside'],
    ['/neighbour/secret.txt', 'outside'],
    ['/passwd', 'outside'],
    ['/.env', 'never'],
    ['/.git/config', 'never'],
    ['/../outside/secret.txt', 'ambiguous'],
    ['/assets/../../outside/secret.txt', 'ambiguous'],
    ['/%2e%2e/outside/secret.txt', 'ambiguous'],
    ['/..%2foutside%2fsecret.txt', 'ambiguous'],
    ['/assets%2Fapp-BxK3a_9d.js', 'ambiguous'],
    ['/..%5coutside%5csecret.txt', 'ambiguous'],
    ['/..\\outside\\secret.txt', 'ambiguous'],
    ['/digits.txt%00.js', 'ambiguous'],
    ['/digits.txt%0a', 'ambiguous'],
    ['/%FF', 'ambiguous'],
    ['/%', 'ambiguous'],
    ['/%zz', 'ambiguous'],
    ['//etc/passwd', 'never'],
    ['/assets//app-BxK3a_9d.js', 'never'],
    ['/%252e%252e/outside/secret.txt', 'missing'],
    ['/C:/outside/secret.txt', 'missing'],
  ]
  for (const [path, expected] of table) {
    const found = await read(site.root, path)
    if (typeof expected === 'string') assert.equal(found, expected, path)
    else assert.match(found, expected, path)
  }
})

test('a file that may not be read is told from one that is missing', async () => {
  await using site = await createSiteOnDisk()
  // Root may read everything, so the question is asked as somebody else.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65534)
  try {
    assert.equal(await read(site.root, '/unreadable.txt'), 'unreadable')
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test('no path whatsoever reads what lies outside or is hidden', { timeout: 60_000 }, async () => {
  await using site = await createSiteOnDisk()
  const piece = fc.constantFrom(...SEGMENTS, site.outside)
  const path = fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `/${pieces.join('/')}`),
    fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `/${pieces.join('')}`),
    fc.string().map((text) => `/${text}`),
  )
  await fc.assert(
    fc.asyncProperty(path, async (asked) => {
      const found = await read(site.root, asked)
      assert.ok(!found.includes(SECRET) && !found.includes('root:'), asked)
    }),
    { numRuns: 3000 },
  )
})

test('a file that turns into a link while it is asked for leaks nothing', { timeout: 60_000 }, async () => {
  await using site = await createSiteOnDisk()
  const victim = join(site.root, 'swapped.txt')
  await writeFile(join(site.root, 'innocent.txt'), 'innocent')
  const stop = new AbortController()
  const swap = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await symlink(join(site.outside, 'secret.txt'), `${victim}.new`)
      await rename(`${victim}.new`, victim)
      await writeFile(`${victim}.new`, 'innocent')
      await rename(`${victim}.new`, victim)
    }
  }
  const swapping = swap()
  const seen = new Set<string>()
  for (let round = 0; round < 2000; round++) seen.add(await read(site.root, '/swapped.txt'))
  stop.abort()
  await swapping
  assert.deepEqual(
    [...seen].filter((each) => each.includes(SECRET)),
    [],
  )
  assert.ok(seen.has('content innocent') && seen.has('outside'), `saw ${[...seen].join(', ')}`)
})

test('without /proc, a file is known by its identity', async () => {
  await using site = await createSiteOnDisk()
  const path = join(site.root, 'link-in.txt')
  await using handle = await open(path)
  assert.equal(await findByIdentity(handle, path), join(site.root, 'digits.txt'))
  await unlink(path)
  await symlink('index.html', path)
  assert.equal(await findByIdentity(handle, path), undefined)
})

test('no descriptor stays open', async () => {
  await using site = await createSiteOnDisk()
  const paths = ['/digits.txt', '/link-out.txt', '/pipe', '/manual', '/nothing', '/zero', '/passwd']
  for (const path of paths) await read(site.root, path)
  const before = (await readdir('/dev/fd')).length
  for (let round = 0; round < 50; round++) for (const path of paths) await read(site.root, path)
  assert.ok((await readdir('/dev/fd')).length <= before + 2)
})
