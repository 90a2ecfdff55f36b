// Runs every `*.txt` beside it: sources, a line of dashes with the name of the next part, and at the end what comes out.
// `UPDATE_GOLDEN=1 node --test test/golden/config` rewrites what comes out.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeConfig, formatProblem, loadConfig } from '#config'
import { exampleSchema } from './example-schema.ts'

const directory = import.meta.dirname

for (const file of readdirSync(directory).filter((name) => name.endsWith('.txt'))) {
  test(`golden configuration: ${file}`, () => {
    const path = join(directory, file)
    const parts = partsOf(readFileSync(path, 'utf8'))
    const actual = outcomeOf(parts)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, [...parts.before, actual].join('\n'))
    else assert.equal(actual, parts.expected)
  })
}

interface Parts {
  /** The lines up to and with the dashes of `expected`. */
  readonly before: readonly string[]
  readonly sources: readonly { readonly name: string; readonly text: string }[]
  readonly env: Readonly<Record<string, string>>
  readonly expected: string
}

function partsOf(golden: string): Parts {
  const lines = golden.split('\n')
  const end = lines.indexOf('---------- expected')
  assert.notEqual(end, -1, 'a golden file has a part "expected"')
  const parts = [{ name: 'gatehouse.yaml', lines: [] as string[] }]
  for (const line of lines.slice(0, end)) {
    const name = /^-{10} (.+)$/.exec(line)?.[1]
    if (name === undefined) parts.at(-1)?.lines.push(line)
    else parts.push({ name, lines: [] })
  }
  const variables = parts.find(({ name }) => name === 'environment')?.lines ?? []
  const sources = parts.filter(({ name }) => name !== 'environment')
  return {
    before: lines.slice(0, end + 1),
    sources: sources.map(({ name, lines: text }) => ({ name, text: text.join('\n') })),
    env: Object.fromEntries(
      variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ),
    expected: lines.slice(end + 1).join('\n'),
  }
}

function outcomeOf({ sources, env }: Parts): string {
  const loaded = loadConfig({ files: sources, env, schema: exampleSchema, cwd: '/srv/gatehouse' })
  if (!loaded.ok) return `${loaded.problems.map(formatProblem).join('\n\n')}\n`
  const warnings = loaded.warnings.map(({ message }) => `warning: ${message}\n`)
  return describeConfig(loaded) + warnings.join('')
}
