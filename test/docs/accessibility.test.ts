// docs/develop/accessibility.md against the standard and the tests: every criterion of WCAG 2.2 A and AA once, with one of the
// words of a conformance report, and what is said to show it is there.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findNamedTests, isTestThere } from './named-tests.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/develop/accessibility.md'), 'utf8')

/** https://www.w3.org/TR/WCAG22/, without 4.1.1, which is obsolete. */
const CRITERIA = {
  A: `1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4
    2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2`.split(/\s+/),
  AA: `1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7 2.5.8 3.1.2
    3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3`.split(/\s+/),
}

interface Row {
  readonly criterion: string
  readonly conformance: string
  readonly remarks: string
  readonly shownBy: string
}

function readRows(level: string): readonly Row[] {
  const section = page.split(`\n## Level ${level}\n`)[1]?.split('\n## ')[0] ?? ''
  return section
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const [first = '', conformance = '', remarks = '', shownBy = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim())
      return { criterion: first.split(' ')[0] ?? '', conformance, remarks, shownBy }
    })
}

for (const [level, criteria] of Object.entries(CRITERIA)) {
  test(`level ${level}: every criterion, in order, with what is known of it`, () => {
    const rows = readRows(level)
    assert.deepEqual(
      rows.map(({ criterion }) => criterion),
      criteria,
    )
    for (const { criterion, conformance, remarks, shownBy } of rows) {
      assert.match(conformance, /^(?:Supports|Partially supports|Does not support|Not applicable)$/, criterion)
      if (conformance !== 'Not applicable')
        assert.match(shownBy, /axe|keyboard|reflow|text|contrast|forced colours|eye|code|`test\//, criterion)
      if (/not support|Partially/.test(conformance)) assert.ok(remarks.length > 40, `${criterion} says what is missing`)
    }
  })
}

test('the tests that it names are there', () => {
  const files = [...page.matchAll(/`((?:test|src)\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file)
  assert.deepEqual(
    files.filter((file) => !existsSync(join(root, file))),
    [],
  )
  const named = findNamedTests(page)
  assert.ok(named.length > 25, `${named.length}`)
  assert.deepEqual(
    named.filter((each) => !isTestThere(each)),
    [],
  )
})
