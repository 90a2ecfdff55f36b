// Runs every `*.txt` beside it: the file of a Backend.AI webserver, a line of dashes, what `gatehouse import` writes and says.
// `UPDATE_GOLDEN=1 node --test test/golden/import` rewrites what comes out.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatProblem } from '#config'
import { convert } from '../../../src/cli/import/convert.ts'
import { loadDraft } from '../../../src/cli/init/draft.ts'

const directory = import.meta.dirname
const DASHES = '---------- expected\n'

for (const file of readdirSync(directory).filter((name) => name.endsWith('.txt'))) {
  test(`golden webserver: ${file}`, async () => {
    const path = join(directory, file)
    const [original = '', expected] = readFileSync(path, 'utf8').split(DASHES)
    const actual = await describe(original)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, original + DASHES + actual)
    else assert.equal(actual, expected)
  })
}

/** Where it is right, what is written, and what is said, with a line of its own for each remark. */
async function describe(text: string): Promise<string> {
  const place = { file: 'webserver.conf', path: '/etc/backend.ai/webserver.conf' }
  const converted = await convert({ ...place, text, url: undefined, profile: undefined })
  if ('problems' in converted) return `${converted.problems.map(formatProblem).join('\n')}\n`
  const loaded = loadDraft({ cwd: directory }, { file: 'gatehouse.yaml', ...converted })
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n'))
  const { warnings, dropped, guessed, secrets } = converted
  const said = [
    `${guessed}`,
    ...[...secrets.keys()].map((name) => `secret: ${name}`),
    ...warnings.map(({ written, at, about }) => `warning: ${at.line}:${at.column} ${written}: ${about}`),
    ...dropped.map(({ written, at, about }) => `dropped: ${at.line}:${at.column} ${written}: ${about}`),
  ]
  return `${converted.text}\n----------\n${said.join('\n')}\n`
}
