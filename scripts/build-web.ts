// Builds the portal's pages into web/dist where a source is newer than what is there, about ten seconds; else it costs a look
// at the dates. For `make demo`, `make build`, and tests with a browser. `--force` builds in any case.

import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const WEB = fileURLToPath(new URL('../web/', import.meta.url))
const DIST = `${WEB}dist`
const SOURCES = ['src/**/*', 'package.json', 'vite.config.ts']
const VITE = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url))

/** @returns whether it had to be built */
export async function buildWeb({ force = false }: { readonly force?: boolean } = {}): Promise<boolean> {
  if (!force && isFresh()) return false
  await takingTurns(() => {
    // Somebody else may have built it meanwhile.
    if (force || !isFresh()) build()
  })
  return true
}

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function isFresh(): boolean {
  const newest = Math.max(...globSync(SOURCES, { cwd: WEB }).map((path) => changedAt(WEB + path)))
  return changedAt(`${DIST}/manifest.json`) > newest
}

/** Beside the old one and then in its place, so that nobody meets half a build. */
function build(): void {
  const fresh = `${WEB}.build-${process.pid}`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [VITE, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: WEB, encoding: 'utf8' },
  )
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    throw new Error(`the portal cannot be built:\n${stdout}${stderr}`)
  }
  const old = `${fresh}-old`
  if (changedAt(DIST) > 0) renameSync(DIST, old)
  renameSync(fresh, DIST)
  rmSync(old, { recursive: true, force: true })
}

const LONGEST_BUILD_MS = 120_000

/** Tests begin in several processes at once. */
async function takingTurns(run: () => void): Promise<void> {
  const lock = `${WEB}.building`
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch {
      if (Date.now() - changedAt(lock) > LONGEST_BUILD_MS) rmSync(lock, { recursive: true, force: true })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  try {
    run()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const isBuilt = await buildWeb({ force: process.argv.includes('--force') })
  console.log(isBuilt ? 'web/dist: built' : 'web/dist: newer than its sources')
}
