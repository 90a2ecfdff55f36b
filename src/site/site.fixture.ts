// A site on disk with everything around it that must not get out, for the tests of this folder.

import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

export const SECRET = 'CANARY-outside-of-the-site'
export const SCRIPT = `console.log('${'compressible '.repeat(40)}')\n`

export interface SiteOnDisk extends AsyncDisposable {
  /** Beside the site: what links lead to. */
  readonly outside: string
  readonly root: string
}

export async function createSiteOnDisk(): Promise<SiteOnDisk> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-site-')))
  const root = join(base, 'site')
  const outside = join(base, 'outside')
  for (const folder of [outside, join(root, 'assets'), join(root, 'manual'), join(root, '.git'), join(root, 'a b')]) {
    await mkdir(folder, { recursive: true })
  }
  // A neighbour whose name begins like the site's own.
  await mkdir(`${root}-backup`)
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    [join(outside, 'secret.txt'), SECRET],
    [join(`${root}-backup`, 'secret.txt'), SECRET],
    [join(root, 'index.html'), '<!doctype html><title>Home</title>'],
    [join(root, 'manual', 'index.html'), '<!doctype html><title>Manual</title>'],
    [join(root, 'assets', 'app-BxK3a_9d.js'), SCRIPT],
    [join(root, 'assets', 'app-BxK3a_9d.js.br'), brotliCompressSync(SCRIPT)],
    [join(root, 'assets', 'app-BxK3a_9d.js.gz'), gzipSync(SCRIPT)],
    [join(root, 'assets', 'zipped.css'), 'body{}'],
    [join(root, 'assets', 'zipped.css.gz'), gzipSync('body{}')],
    [join(root, 'a b', 'ü.txt'), 'umlaut'],
    [join(root, 'digits.txt'), '0123456789'],
    [join(root, 'empty.txt'), ''],
    [join(root, '.env'), SECRET],
    [join(root, '.git', 'config'), SECRET],
    [join(root, 'unreadable.txt'), SECRET],
    [join(root, 'linked.js.gz'), ''],
  ]
  for (const [path, content] of files) await writeFile(path, content)
  await rm(join(root, 'linked.js.gz'))
  await writeFile(join(root, 'linked.js'), 'plain')
  await symlink(join(outside, 'secret.txt'), join(root, 'linked.js.gz'))
  await symlink(join(outside, 'secret.txt'), join(root, 'link-out.txt'))
  await symlink('../outside', join(root, 'folder-out'))
  await symlink(`${root}-backup`, join(root, 'neighbour'))
  await symlink('digits.txt', join(root, 'link-in.txt'))
  await symlink('loop', join(root, 'loop'))
  await symlink('nowhere', join(root, 'dangling'))
  await symlink('/etc/passwd', join(root, 'passwd'))
  await symlink('/dev/zero', join(root, 'zero'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  await chmod(join(root, 'unreadable.txt'), 0)
  await chmod(base, 0o755)
  return { root, outside, [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }) }
}
