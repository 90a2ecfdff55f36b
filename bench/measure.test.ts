import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { median } from './measure.ts'
import { parseStat, readUsage } from './process-usage.ts'

test('the middle round is one of the rounds', () => {
  const rounds = [5, 1, 9, 3].map((cpu) => ({ cpu }))
  assert.deepEqual(
    median(rounds, ({ cpu }) => cpu),
    { cpu: 3 },
  )
  assert.deepEqual(
    median(rounds.slice(0, 3), ({ cpu }) => cpu),
    { cpu: 5 },
  )
  assert.throws(() => median([], () => 0))
})

test('the accounts of a process are read whatever its name', () => {
  const text = `42 (a) b (c d) S 7 42 42 0 -1 4194560 2000 0 0 0 130 20 0 0 20 0 7 0 12345 1000000 555 184467`
  assert.deepEqual(parseStat(text), { parent: 7, cpuTicks: 150, rssPages: 555 })
})

test('a process is charged for what its children do', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (t) => {
  const busy =
    'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end); process.stdout.write("x"); setTimeout(() => {}, 60_000)'
  const parent = spawn('/bin/sh', ['-c', '"$1" -e "$2" & echo $!; wait', 'sh', process.execPath, busy])
  t.after(() => parent.kill())
  const [child] = await once(parent.stdout, 'data')
  t.after(() => process.kill(Number.parseInt(String(child), 10)))
  await once(parent.stdout, 'data')
  const { cpuSeconds, rssBytes } = readUsage(parent.pid ?? 0)
  assert.ok(cpuSeconds >= 0.25 && cpuSeconds < 10, `${cpuSeconds} s`)
  assert.ok(rssBytes > 20 * 1024 * 1024, `${rssBytes} bytes`)
})
