// A writer takes over the process's own output, so each test runs one in a process of its own.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const SETUP = `
  import { systemClock } from '#kernel'
  import { createLineWriter } from './src/telemetry/line-writer.ts'
  let dropped = 0
  const writer = createLineWriter({ fd: 1, clock: systemClock, onDropped: () => { dropped++ } })
`

const ENDINGS = {
  'is closed': 'await writer.close(); process.exit()',
  'runs out of work': '',
  'is ended': 'process.exit()',
  fails: 'throw new Error("planned")',
}

for (const [what, ending] of Object.entries(ENDINGS)) {
  test(`nothing written is lost when the process ${what}`, async () => {
    const { child } = run(`${SETUP} writer.write('one\\n'); writer.write('two\\n'); ${ending}`)
    assert.equal(await textOf(child), 'one\ntwo\n')
  })
}

test('lines reach the reader in order and whole, however many', async () => {
  const { child } = run(`${SETUP} for (let i = 0; i < 50_000; i++) writer.write(i + ' line\\n'); await writer.close()`)
  const lines = (await textOf(child)).trimEnd().split('\n')
  assert.equal(lines.length, 50_000)
  assert.ok(lines.every((line, index) => line === `${index} line`))
})

test('a line does not wait for more of them', async (t) => {
  const { child } = run(`${SETUP} writer.write('one\\n'); setInterval(() => {}, 1000)`)
  t.after(() => child.kill())
  assert.ok(child.stdout)
  const [chunk] = await once(child.stdout, 'data')
  assert.equal(String(chunk), 'one\n')
})

test('a reader that stands still costs bounded memory and no time, and its loss is counted', async () => {
  const { child, ended } = run(
    `${SETUP} const line = 'x'.repeat(999) + '\\n'
     for (let i = 0; i < 20_000; i++) writer.write(line)
     await writer.close()
     process.send(dropped, () => process.exit(7))`,
  )
  const [dropped] = await once(child, 'message')
  assert.ok(Number(dropped) > 11_000 && Number(dropped) < 12_000, `${dropped} lines dropped`)
  assert.ok((await textOf(child)).length < 9_000_000)
  assert.deepEqual(await ended, [7, null])
})

test('a reader that goes away does not end the process', async () => {
  const { child, ended } = run(
    `${SETUP} process.on('message', async () => {
       for (let i = 0; i < 100; i++) { writer.write('line\\n'); await new Promise((next) => setTimeout(next, 2)) }
       await writer.close()
       process.exit(7)
     })
     writer.write('first\\n')`,
  )
  assert.ok(child.stdout)
  await once(child.stdout, 'data')
  child.stdout.destroy()
  child.send('go on')
  assert.deepEqual(await ended, [7, null])
})

function run(program: string): { child: ChildProcess; ended: Promise<unknown[]> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('../../', import.meta.url),
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  })
  return { child, ended: once(child, 'exit') }
}

async function textOf(child: ChildProcess): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout ?? []) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
