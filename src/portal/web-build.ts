// The built files of the portal (`web/dist`, beside the code also in what is published): which of them a page loads first.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** What the one page of the portal names; paths below the folder of the build. */
export interface WebBuild {
  readonly script: string
  readonly styles: readonly string[]
  /** Modules that the script needs at once. */
  readonly preloads: readonly string[]
}

export const WEB_FOLDER = fileURLToPath(new URL('../../web/dist/', import.meta.url))

/** https://vite.dev/guide/backend-integration */
const manifest = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().optional(),
    css: z.array(z.string()).default([]),
    imports: z.array(z.string()).default([]),
  }),
)

/** @returns undefined where nothing has been built. @throws if what is there is not a build */
export async function readWebBuild(folder: string): Promise<WebBuild | undefined> {
  let text: string
  try {
    text = await readFile(`${folder}/manifest.json`, 'utf8')
  } catch {
    return undefined
  }
  const chunks = manifest.parse(JSON.parse(text))
  const entry = Object.values(chunks).find(({ isEntry }) => isEntry === true)
  if (entry === undefined) throw new Error(`${folder} is no build of the portal: its manifest names no entry`)
  const imported = collectImports(chunks, entry.imports)
  return Object.freeze({
    script: entry.file,
    styles: [...new Set([...imported, entry].flatMap(({ css }) => css))],
    preloads: imported.map(({ file }) => file),
  })
}

type Chunk = z.output<typeof manifest>[string]

function collectImports(
  chunks: Readonly<Record<string, Chunk>>,
  names: readonly string[],
  seen = new Set<string>(),
): Chunk[] {
  return names.flatMap((name) => {
    const chunk = chunks[name]
    if (chunk === undefined || seen.has(name)) return []
    seen.add(name)
    return [...collectImports(chunks, chunk.imports, seen), chunk]
  })
}
