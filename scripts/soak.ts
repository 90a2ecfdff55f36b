// `make soak`: the fault suites at their full figures, one after the other, for half an hour and more. What they print
// and how they ended is kept in test/faults/results/, to be committed with what it backs.
//
//   node scripts/soak.ts [PART OF A FILE NAME …]

import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { basename } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'

interface Result {
  readonly suite: string
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  /** What the test says of itself, in its own words. */
  readonly figures: string[]
  readonly error?: string
}

/** For one test. */
const TIMEOUT_MS = 45 * 60_000
const RESULTS = 'test/faults/results'

async function main(only: readonly string[]): Promise<void> {
  // Something else than 1 tries this script itself out, at the small figures.
  process.env.GATEHOUSE_SOAK ??= '1'
  const files = globSync('test/faults/**/*.test.ts')
    .sort()
    .filter((path) => only.length === 0 || only.some((part) => path.includes(part)))
  if (files.length === 0) throw new Error(`no suite of test/faults is called ${only.join(' or ')}`)
  const startedAt = new Date()
  const before = loadavg()
  const results = await runAll(files)
  const failed = results.filter(({ passed }) => !passed)
  console.log(`\nkept in ${keep({ startedAt, before, results })}`)
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`)
  process.exitCode = failed.length > 0 ? 1 : 0
}

async function runAll(files: readonly string[]): Promise<readonly Result[]> {
  const results: Result[] = []
  const record = (file: string | undefined, name: string, seconds: number, error?: Error): void => {
    // A file is reported as a test of its own, which says something more only if it failed outside of its tests.
    const isOfTests = error === undefined || ('failureType' in error && error.failureType === 'subtestsFailed')
    if (file === undefined || (name.endsWith('.test.ts') && isOfTests)) return
    const suite = basename(file, '.test.ts')
    const passed = error === undefined
    results.push({ suite, name, passed, seconds, figures: [], ...(error && { error: inspect(error.cause ?? error) }) })
    console.log(`${passed ? '✔' : '✖'} ${suite}: ${name} (${seconds} s)`)
    if (error !== undefined) console.log(error.cause ?? error)
  }
  const secondsOf = (ms: number): number => Math.round(ms / 100) / 10
  for await (const event of run({
    files: [...files],
    concurrency: 1,
    timeout: TIMEOUT_MS,
    execArgv: ['--test-force-exit'],
  })) {
    const { type, data } = event
    if (type === 'test:pass' || type === 'test:fail') {
      const error = type === 'test:fail' ? data.details.error : undefined
      record(data.file, data.name, secondsOf(data.details.duration_ms), error)
    } else if (type === 'test:diagnostic' && data.file !== undefined) {
      // Reported right behind the test that it is about.
      results.at(-1)?.figures.push(data.message)
      console.log(`    ${data.message}`)
    }
  }
  return results
}

interface SoakRun {
  readonly startedAt: Date
  /** Load averages of the last 1, 5 and 15 minutes. */
  readonly before: readonly number[]
  readonly results: readonly Result[]
}

const toTenths = (value: number): number => Math.round(value * 10) / 10

/** @returns the path of the file */
function keep({ startedAt, before, results }: SoakRun): string {
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // Before: other work. After: that and ours.
    load: { before: before.map(toTenths), after: loadavg().map(toTenths) },
  }
  const path = `${RESULTS}/${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}.json`
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(path, `${JSON.stringify({ at: startedAt.toISOString(), machine, results }, undefined, 2)}\n`)
  return path
}

await main(process.argv.slice(2))
