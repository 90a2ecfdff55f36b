import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const ROOT = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')

interface LockedPackage {
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
  readonly cpu?: readonly string[]
}

test('every package that ships says why in docs/develop/dependencies.md, and none is named that does not ship', () => {
  const shipped = ['package.json', 'web/package.json'].flatMap((path) =>
    Object.keys(JSON.parse(read(path)).dependencies),
  )
  const [runtime = ''] = read('docs/develop/dependencies.md').split('## For development only')
  const named = [...runtime.matchAll(/^\| (\S+(?:, \S+)*) \|/gm)].flatMap(([, names = '']) => names.split(', '))
  const documented = named.filter((name) => name !== 'package' && name !== '---')
  assert.deepEqual(new Set(documented), new Set(shipped))
})

test('nothing that ships runs a script when it is installed or is built for one processor', () => {
  const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(read('package-lock.json'))
  const ours = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => !dev && !devOptional)
  assert.ok(ours.length > 50, 'the lock file lists packages')
  const isRuntime = (path: string): boolean => /^node_modules\/node-(bin-)?(linux|darwin|win)-/.test(path)
  // A development tool of ours; i18next names it as something that it can be used with.
  const isCompiler = (path: string): boolean => path.startsWith('node_modules/@typescript/')
  const native = ours.filter(
    ([path, { hasInstallScript, cpu }]) => hasInstallScript || (cpu && !isRuntime(path) && !isCompiler(path)),
  )
  assert.deepEqual(
    native.map(([path]) => path),
    [],
  )
})
