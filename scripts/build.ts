// `make build`: what is published and put into images: the product as JavaScript in dist/, with its templates and a
// manifest of its own. The source runs as it is too; compiled, it starts sooner and holds less memory.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the product reads at run time beside its code. */
const ASSETS = ['src/**/*.{eta,css,html,svg}', 'README.md', 'LICENSE']

interface Manifest {
  readonly imports: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

export function build(output = 'dist'): void {
  rmSync(output, { recursive: true, force: true })
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', output], { stdio: 'inherit' })
  chmodSync(join(output, 'src/main.js'), 0o755)
  for (const file of globSync(ASSETS)) cpSync(file, join(output, file))
  const manifest = toPublished(JSON.parse(readFileSync('package.json', 'utf8')))
  writeFileSync(join(output, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Without what only the tree needs: the runtime's own packages, tools and scripts. */
function toPublished(manifest: Manifest) {
  const kept = Object.entries(manifest).filter(([name]) => !ONLY_HERE.has(name))
  const compiled = Object.entries(manifest.imports).map(([name, path]) => [name, path.replace(/\.ts$/, '.js')])
  return { ...Object.fromEntries(kept), imports: Object.fromEntries(compiled), bin: { gatehouse: 'src/main.js' } }
}

const ONLY_HERE: ReadonlySet<string> = new Set(['optionalDependencies', 'devDependencies', 'scripts'])

if (import.meta.main) build()
