// `make build`: what is published and put into images: the product and its packages as a few files of JavaScript in
// dist/, which needs nothing but Node.js. The source runs as it is too; bundled, it starts sooner and holds less memory,
// because there are some twenty modules instead of a thousand.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import * as esbuild from 'esbuild'
import { buildWeb } from './build-web.ts'

/** What the product reads at run time beside its code. */
const ASSETS = [
  'src/**/*.{eta,css,html,js,svg,woff2}',
  'src/*/templates/words.json',
  'src/error-words.json',
  'src/http/assets/fonts/LICENSE',
  'README.md',
  'LICENSE',
]

/** The command, and what runs on a thread of its own. */
const ENTRIES = ['src/main.ts', 'src/storage/sqlite/write-worker.ts']

/** Asked for by packages that do without. */
const OPTIONAL = ['pg-native', 'cloudflare:sockets']

/** Packages in the bundle that are CommonJS ask for Node's own modules by `require`. */
const REQUIRE = `import { createRequire as createRequireHere } from 'node:module'
const require = createRequireHere(import.meta.url)`

export async function build(output = 'dist'): Promise<void> {
  rmSync(output, { recursive: true, force: true })
  await buildWeb()
  const { metafile } = await esbuild.build({
    entryPoints: ENTRIES,
    outdir: output,
    outbase: '.',
    // Beside the command: `ownPlaces` counts on it.
    chunkNames: 'src/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: OPTIONAL,
    banner: { js: REQUIRE },
    plugins: [ownPlaces()],
    metafile: true,
    logLevel: 'warning',
  })
  chmodSync(join(output, 'src/main.js'), 0o755)
  for (const file of globSync(ASSETS)) cpSync(file, join(output, file))
  cpSync('web/dist', join(output, 'web/dist'), { recursive: true })
  const manifest = toPublished(JSON.parse(readFileSync('package.json', 'utf8')))
  writeFileSync(join(output, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(output, 'sbom.cdx.json'), componentsOf())
  writeFileSync(
    join(output, 'THIRD-PARTY-LICENSES.md'),
    `${licensesOf(Object.keys(metafile.inputs))}\n${readFileSync('web/dist/licenses.md', 'utf8')}`,
  )
}

/** A module finds what lies beside it in the source where it lies in the output, whatever file the module is in now. */
function ownPlaces(): esbuild.Plugin {
  const root = resolve('src')
  return {
    name: 'own places',
    setup(bundler) {
      bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        if (relative(root, path).startsWith('..')) return undefined
        const place = `./${relative(root, path).replace(/\.ts$/, '.js')}`
        const url = `new URL(${JSON.stringify(place)}, import.meta.url).href`
        return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url), loader: 'ts' }
      })
    },
  }
}

/** Without what only the tree needs: packages, tools, scripts and the names of folders. */
function toPublished(manifest: Readonly<Record<string, unknown>>) {
  const kept = Object.entries(manifest).filter(([name]) => !ONLY_HERE.has(name))
  return { ...Object.fromEntries(kept), bin: { gatehouse: 'src/main.js' } }
}

const ONLY_HERE: ReadonlySet<string> = new Set([
  'imports',
  'dependencies',
  'optionalDependencies',
  'devDependencies',
  'scripts',
])

/** What is in it, for scanners (CycloneDX). */
function componentsOf(): Buffer {
  return execFileSync('npm', ['sbom', '--omit=dev', '--sbom-format=cyclonedx', '--package-lock-only'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/** What the licenses of the bundled packages ask for: their texts. */
function licensesOf(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []))
  return [...folders].sort().map(licenseOf).join('\n')
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  const text = file === undefined ? 'No text of its own.' : readFileSync(join(folder, file), 'utf8').trim()
  return `## ${name} ${version} (${license})\n\n${text}\n`
}

if (import.meta.main) await build()
