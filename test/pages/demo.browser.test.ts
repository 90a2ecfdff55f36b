// `gatehouse demo`, as people start it: what it prints, the walk through it, and how it ends.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startDemoProcess } from '../e2e/door.ts'
import { describeWalk } from '../e2e/walk.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawn(process.execPath, [main, 'demo', ...args], { env: { ...process.env, ...env } })

await describeWalk('the demo, in a browser', startDemoProcess)

describe('the demo, as a command', { timeout: 120_000 }, () => {
  test('prints one line for scripts, shows no password to other users, and ends with Ctrl-C', async () => {
    const demo = start(['--json', '--port', '0'])
    const lines: string[] = []
    const reader = createInterface(demo.stdout).on('line', (line) => void lines.push(line))
    await once(reader, 'line')
    const { url, metricsUrl, accounts } = JSON.parse(lines[0] ?? '')
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
    assert.match(await (await fetch(metricsUrl)).text(), /^gatehouse_/m)
    assert.deepEqual(
      accounts.map(({ username, groups }: { username: string; groups: string[] }) => [username, groups]),
      [
        ['member', ['lab']],
        ['staff', ['lab', 'staff']],
        ['admin', ['lab', 'staff', 'admins']],
      ],
    )
    if (process.platform === 'linux') {
      const visible = readFileSync(`/proc/${demo.pid}/cmdline`, 'latin1')
      for (const { password } of accounts) assert.ok(!visible.includes(password))
    }
    demo.kill('SIGINT')
    assert.deepEqual(await once(demo, 'exit'), [0, null])
    assert.equal(lines.length, 1)
    await assert.rejects(fetch(url))
  })

  test('draws a box for people', async () => {
    const demo = start(['--port', '0'])
    const box: string[] = []
    for await (const line of createInterface(demo.stdout)) {
      box.push(line)
      if (line.startsWith('└')) break
    }
    demo.kill('SIGINT')
    await once(demo, 'exit')
    assert.equal(new Set(box.map((line) => line.length)).size, 1, 'its edges are straight')
    const folder = /(\/\S+)\/gatehouse\.yaml/.exec(box.join('\n'))?.[1] ?? ''
    assert.notEqual(folder, '')
    assert.ok(!existsSync(folder), 'its folder went with it')
  })

  test('does not listen where others could reach it', async () => {
    const demo = start(['--port', '0'], { GATEHOUSE_SERVER__LISTEN: '0.0.0.0:0' })
    const said = text(demo.stderr)
    assert.deepEqual(await once(demo, 'exit'), [1, null])
    assert.match(await said, /loopback addresses only/)
  })

  test('says which port is taken', async () => {
    const first = start(['--json', '--port', '0'])
    const [line] = await once(createInterface(first.stdout), 'line')
    const { port } = new URL(JSON.parse(String(line)).url)
    const second = start(['--port', port])
    const said = text(second.stderr)
    assert.deepEqual(await once(second, 'exit'), [1, null])
    assert.match(await said, new RegExp(`Port ${port} is in use`))
    first.kill('SIGINT')
    await once(first, 'exit')
  })

  test('takes no other port than one', async () => {
    const demo = start(['--port', '70000'])
    assert.deepEqual(await once(demo, 'exit'), [2, null])
  })
})
