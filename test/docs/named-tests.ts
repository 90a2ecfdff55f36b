// The tests that a page of the documentation names, as `file.test.ts` “name of the test”.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface NamedTest {
  readonly file: string
  readonly name: string
}

export const findNamedTests = (text: string): readonly NamedTest[] =>
  [...text.matchAll(/`((?:src|test|scripts)\/[\w./-]+\.test\.ts)` “([^”]+)”/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }))

/** Whether there is such a file, with a test of that name as it stands in the source. */
export function isTestThere({ file, name }: NamedTest): boolean {
  if (!existsSync(join(root, file))) return false
  const source = readFileSync(join(root, file), 'utf8')
  const call = new RegExp(`\\b(?:test|it|t\\.test)\\(\\s*(['"\`])${RegExp.escape(name)}\\1`)
  return call.test(source.replaceAll("\\'", "'"))
}
