// docs/develop/security-checks.md against the tests: each one that it names is there, under that name, and every row says
// something.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/develop/security-checks.md'), 'utf8')
const rows = page.split('\n').filter((line) => /^\| [^-]/.test(line) && !line.startsWith('| row '))

describe('the table of security checks', () => {
  for (const row of rows) {
    const [id = '', , shownBy = '', seen = ''] = row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''))
    test(`${id}: what it names exists`, () => {
      const named = [...shownBy.matchAll(/`((?:src|test|scripts)\/[\w./-]+\.test\.ts)` “([^”]+)”/g)]
      assert.equal(named.length, shownBy.split('.test.ts').length - 1, 'each file is there with the name of a test')
      for (const [, file = '', name = ''] of named) assert.ok(isTestOf(file, name), `${file}: ${name}`)
      if (named.length === 0) assert.match(shownBy, /open|come with|comes with|no test:/i)
      assert.match(seen, named.length === 0 ? /^–$/ : /^(?:yes|not tried)$/)
    })
  }

  test('it has the rows', () => assert.ok(rows.length > 60, `${rows.length}`))
})

function isTestOf(file: string, name: string): boolean {
  if (!existsSync(join(root, file))) return false
  const source = readFileSync(join(root, file), 'utf8')
  const call = new RegExp(`\\b(?:test|it|t\\.test)\\(\\s*(['"\`])${RegExp.escape(name)}\\1`)
  return call.test(source.replaceAll("\\'", "'"))
}
