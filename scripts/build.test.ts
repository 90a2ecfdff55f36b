import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { build } from './build.ts'

// Below the tree, so that the packages are found.
const output = '.cache/build-test'
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-build-'))
after(() => {
  rmSync(output, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

test('what is published starts and shows its pages', { timeout: 60_000 }, async () => {
  build(output)
  const config = join(folder, 'gatehouse.yaml')
  const settings = {
    server: { listen: '127.0.0.1:0' },
    telemetry: { metrics: false },
    identity: [{ id: 'lab', type: 'local' }],
  }
  writeFileSync(config, JSON.stringify({ ...settings, storage: { directory: join(folder, 'data') } }))
  const child = spawn(process.execPath, [`${output}/src/main.js`, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await readyUrl(child.stdout)
  const page = await (await fetch(`${url}/auth/login`)).text()
  assert.match(page, /<h1>Log in<\/h1>/)
  const style = /href="([^"]*style-[^"]*\.css)"/.exec(page)?.[1] ?? ''
  assert.equal((await fetch(`${url}${style}`)).status, 200)
  child.kill('SIGTERM')
  const [code] = await new Promise<unknown[]>((resolve) => child.once('exit', (...end) => resolve(end)))
  assert.equal(code, 0)
})

async function readyUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const entry = JSON.parse(line) as { event: string; url: string }
    if (entry.event === 'ready') return entry.url
  }
  throw new Error('it ended before it was ready')
}
