// Reads the guides as a reader does: the blocks to save and to run, and the tables that say what to replace.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export interface Guide {
  /** The code blocks of a language, in order. */
  blocks(language: string): readonly string[]
  /** First and second column of the table with this heading, without the marks of code. */
  table(firstHeading: string): readonly (readonly [string, string])[]
}

/** @param path from the root of the repository */
export function readGuide(path: string): Guide {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  return Object.freeze({
    blocks: (language: string) =>
      [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, code]) =>
        found === language && code !== undefined ? [code] : [],
      ),
    table(firstHeading: string) {
      const lines = text.split('\n')
      const start = lines.findIndex((line) => line.startsWith(`| ${firstHeading} |`))
      if (start === -1) throw new Error(`${path} has no table that starts with ${firstHeading}`)
      const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
      return lines.slice(start + 2, end).map((line) => {
        const [first = '', second = ''] = line.split('|').slice(1)
        return [bare(first), bare(second)] as const
      })
    },
  })
}

/** The guide's n-th file, with what is ours in place of what its table says is to be replaced: all of that, and no more. */
export function fillIn(guide: Guide, ours: Readonly<Record<string, string>>, at = 0): string {
  const rows = guide.table('replace').map(([what]) => what)
  assert.deepEqual(rows, Object.keys(ours), 'the table names what is to be replaced')
  return rows.reduce((changed, what) => {
    assert.ok(changed.includes(what), `the file holds ${what}`)
    return changed.replaceAll(what, ours[what] ?? what)
  }, guide.blocks('yaml')[at] ?? '')
}

const bare = (cell: string): string => cell.trim().replace(/^`([^`]*)`$/, '$1')
