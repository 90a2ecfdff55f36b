import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeDirectory, removeDirectory } from '../test/support/programs.ts'

test('every result of a file is counted, however busy who reads them is', async () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const directory = makeDirectory('test-file')
  const file = join(directory, 'many.test.ts')
  const ended = join(directory, 'ended')
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs'
     import { test } from 'node:test'
     process.on('exit', () => writeFileSync(${JSON.stringify(ended)}, ''))
     for (let each = 0; each < 2000; each++) test(each + 'x'.repeat(1000), () => {})`,
  )
  // Node runs no tests within a test: in a process that knows of none.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const counting = join(directory, 'count.ts')
  writeFileSync(
    counting,
    `import { existsSync } from 'node:fs'
     import { runFile } from ${JSON.stringify(new URL('test-file.ts', import.meta.url))}
     const path = ${JSON.stringify(relative(root, file))}
     // Reads nothing until the file has ended, or for a second where it waits to be read.
     setTimeout(() => {
       const deadline = performance.now() + 1000
       while (!existsSync(${JSON.stringify(ended)}) && performance.now() < deadline);
     }, 50)
     const { counts } = await runFile({ path, stores: 'embedded' }, ${JSON.stringify(directory)})
     console.log(counts.tests, counts.pass)`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [counting], { env })
  assert.equal(stdout, '2000 2000\n')
  removeDirectory(directory)
})
