// Writes the generated files; with `--check` only compares and fails on a difference, for `make check`.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type GeneratedFile, generatedFiles } from './generated-files.ts'

/** The files that differ from what their generator makes; written anew unless `check`. */
export async function generate(
  root: string,
  files: readonly GeneratedFile[],
  { check }: { readonly check: boolean },
): Promise<readonly string[]> {
  const stale: string[] = []
  for (const { file, produce } of files) {
    const path = join(root, file)
    const wanted = await produce()
    if ((await readFile(path, 'utf8').catch(() => undefined)) === wanted) continue
    stale.push(file)
    if (check) continue
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, wanted)
  }
  return stale
}

async function main(): Promise<void> {
  const check = process.argv.includes('--check')
  const stale = await generate(process.cwd(), generatedFiles, { check })
  for (const file of stale)
    console.log(check ? `${file} is out of date: run \`make fix\` and commit it` : `wrote ${file}`)
  console.log(`generated files: ${generatedFiles.length}, ${stale.length} ${check ? 'out of date' : 'written'}`)
  process.exitCode = check && stale.length > 0 ? 1 : 0
}

if (import.meta.main) await main()
