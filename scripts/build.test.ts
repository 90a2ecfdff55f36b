// What is published, in a folder where no packages are: it is all that an operator has.

import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { makeDirectory, removeDirectory } from '../test/support/programs.ts'
import { openTestStores } from '../test/support/test-stores.ts'
import { build } from './build.ts'

describe('what is published', { timeout: 120_000 }, () => {
  const folder = makeDirectory('build')
  const output = join(folder, 'gatehouse')
  const main = join(output, 'src/main.js')
  before(() => build(output))
  after(() => removeDirectory(folder))

  const configure = (name: string, storage: object): string => {
    const file = join(folder, `${name}.yaml`)
    const settings = {
      server: { listen: '127.0.0.1:0' },
      telemetry: { metrics: { listen: '127.0.0.1:0' } },
      identity: [{ id: 'lab', type: 'local' }],
    }
    writeFileSync(file, JSON.stringify({ ...settings, storage }))
    return file
  }

  it('serves its pages with their styles, and keeps what is given to it', async () => {
    const config = configure('embedded', { directory: join(folder, 'data') })
    execFileSync(process.execPath, [main, 'user', 'add', 'ada', '--config', config], {
      input: 'correct horse battery\n',
    })
    await using serving = await serve(main, config)
    const page = await (await fetch(`${serving.url}/auth/login`)).text()
    assert.match(page, /<h1>Log in<\/h1>/)
    const style = /href="([^"]*style-[^"]*\.css)"/.exec(page)?.[1] ?? ''
    assert.equal((await fetch(`${serving.url}${style}`)).status, 200)
    const form = new URLSearchParams({ username: 'ada', password: 'correct horse battery' })
    const headers = { 'sec-fetch-site': 'same-origin' }
    const answer = await fetch(`${serving.url}/auth/login/lab`, {
      method: 'POST',
      body: form,
      headers,
      redirect: 'manual',
    })
    assert.equal(answer.status, 303)
    assert.match(answer.headers.get('set-cookie') ?? '', /__Host-gatehouse=/)
  })

  for (const kind of ['redis-postgres', 'redis-mariadb'] as const) {
    it(`speaks to its stores: ${kind}`, async () => {
      await using stores = await openTestStores(kind)
      await using serving = await serve(main, configure(kind, stores.config))
      assert.equal((await fetch(`${serving.url}/readyz`)).status, 200)
    })
  }

  it('shows the demonstration', async () => {
    const child = spawn(process.execPath, [main, 'demo', '--port', '0', '--json'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const { url } = JSON.parse(String(line)) as { readonly url: string }
    assert.match(await (await fetch(`${url}/auth/login`)).text(), /<h1>Log in<\/h1>/)
    await end(child)
  })

  it('names the licenses of what is in it', () => {
    const { bomFormat, components } = JSON.parse(readFileSync(join(output, 'sbom.cdx.json'), 'utf8'))
    assert.equal(bomFormat, 'CycloneDX')
    assert.ok(components.some(({ name }: { name: string }) => name === 'undici'))
    const licenses = readFileSync(join(output, 'THIRD-PARTY-LICENSES.md'), 'utf8')
    for (const name of ['fastify', 'openid-client', '@redis/client'])
      assert.match(licenses, new RegExp(`^## ${name} \\d.* \\(MIT\\)$`, 'm'))
  })
})

async function serve(main: string, config: string) {
  const child = spawn(process.execPath, [main, 'serve', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await readyUrl(child.stdout)
  return { url, [Symbol.asyncDispose]: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
}

async function readyUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const entry = JSON.parse(line) as { event: string; url: string }
    if (entry.event === 'ready') return entry.url
  }
  throw new Error('it ended before it was ready')
}
