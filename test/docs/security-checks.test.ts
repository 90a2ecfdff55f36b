// docs/develop/security-checks.md against the tests: each one that it names is there, under that name, and every row says
// something.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findNamedTests, isTestThere } from './named-tests.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/develop/security-checks.md'), 'utf8')
const rows = page.split('\n').filter((line) => /^\| [^-]/.test(line) && !line.startsWith('| row '))

describe('the table of security checks', () => {
  for (const row of rows) {
    const [id = '', , shownBy = '', seen = ''] = row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''))
    test(`${id}: what it names exists`, () => {
      const named = findNamedTests(shownBy)
      assert.equal(named.length, shownBy.split('.test.ts').length - 1, 'each file is there with the name of a test')
      for (const each of named) assert.ok(isTestThere(each), `${each.file}: ${each.name}`)
      if (named.length === 0) assert.match(shownBy, /open|come with|comes with|no test:/i)
      assert.match(seen, named.length === 0 ? /^–$/ : /^(?:yes|not tried)$/)
    })
  }

  test('it has the rows', () => assert.ok(rows.length > 60, `${rows.length}`))
})
