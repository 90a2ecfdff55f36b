// Runs every `*.txt` beside it: answers as YAML, a line of dashes, and the configuration that `gatehouse init` writes.
// `UPDATE_GOLDEN=1 node --test test/golden/init` rewrites what comes out.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import type { Answers } from '../../../src/cli/init/answers.ts'
import { toConfigText } from '../../../src/cli/init/config-text.ts'

const directory = import.meta.dirname
const DASHES = '---------- expected\n'

for (const file of readdirSync(directory).filter((name) => name.endsWith('.txt'))) {
  test(`golden answers: ${file}`, () => {
    const path = join(directory, file)
    const [answers = '', expected] = readFileSync(path, 'utf8').split(DASHES)
    const actual = toConfigText(parse(answers) as Answers)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, answers + DASHES + actual)
    else assert.equal(actual, expected)
  })
}
