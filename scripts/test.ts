// `make test`: the tests beside the code, those that boot the gateway, and the end-to-end tests again on other stores.
// `--stores=redis-postgres` (or sentinel-mariadb) runs all of them on those instead, but for tests that bring their own.
// Arguments narrow it to files whose path holds one of them. Ends with what took longest, and with one total in node's own
// closing lines.

import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { spec, type TestEvent } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installAll, isMissing } from '../test/support/programs.ts'
import { type StoreKind, startStoreServers, toStoreKind } from '../test/support/store-servers.ts'
import { type Counts, type FileResult, noCounts, runFile, type TestFile } from './test-file.ts'
import { runInLanes } from './test-lanes.ts'
import { describeTimes } from './test-times.ts'

const EVERYTHING = [
  'src/**/*.test.ts',
  'scripts/**/*.test.ts',
  'bench/**/*.test.ts',
  'test/**/*.test.ts',
  'examples/**/*.test.ts',
]
const END_TO_END = ['test/e2e/**/*.test.ts']

/** What node makes of a source file is kept for the next process: half of what a file costs until its first test. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))

/** Tests wait more than they compute: two more at a time than there are processors keep those busy. */
const LANES = availableParallelism() + 2
/** What is held against the clock while much goes on has at most one neighbour on two processors. */
const lanesOf = ({ path }: TestFile): number =>
  /^test\/(?:faults\/|gateway\/(?:memory|processes|reload|shutdown))/.test(path) ? 3 : 1
/** Those that may take long come first, so that the last ones are short. */
const orderOf = (file: TestFile): number =>
  lanesOf(file) > 1 ? 0 : /\.browser\.test\.ts$|^test\/(?:docs|identity)\//.test(file.path) ? 1 : 2

async function main(args: string[]): Promise<void> {
  const startedAt = performance.now()
  const { values, positionals: only } = parseArgs({
    args,
    allowPositionals: true,
    options: { stores: { type: 'string' } },
  })
  const find = (patterns: readonly string[], stores: StoreKind): readonly TestFile[] =>
    globSync(patterns)
      .sort()
      .filter((path) => only.length === 0 || only.some((part) => path.includes(part)))
      .map((path) => ({ path, stores }))
  const files =
    values.stores === undefined
      ? [
          ...find(EVERYTHING, 'embedded'),
          ...find(END_TO_END, 'redis-postgres'),
          ...find(END_TO_END, 'sentinel-mariadb'),
        ]
      : find(EVERYTHING, toStoreKind(values.stores))
  if (only.length === 0) await installAll()
  const { total, results } = await runAll(files.toSorted((a, b) => orderOf(a) - orderOf(b)))
  for (const line of describeTimes(results)) console.log(line)
  close(total, performance.now() - startedAt)
}

async function runAll(files: readonly TestFile[]) {
  process.env.NODE_COMPILE_CACHE ??= COMPILED
  // Each run of a file listens to the process for what nobody caught.
  process.setMaxListeners(LANES + process.getMaxListeners())
  const total: Counts = noCounts()
  const results: FileResult[] = []
  await using started = new AsyncDisposableStack()
  const temporary = started.adopt(mkdtempSync(join(tmpdir(), 'gatehouse-times-')), (path) =>
    rmSync(path, { recursive: true, force: true }),
  )
  const missing = new Map<StoreKind, string>()
  const startOne = async (kind: StoreKind): Promise<void> => {
    const servers = await startStoreServers(kind)
    if (isMissing(servers)) missing.set(kind, servers.missing)
    else Object.assign(process.env, started.use(servers).env)
  }
  await Promise.all([...new Set(files.map(({ stores }) => stores))].map(startOne))
  const reporter = report()
  await runInLanes(files, { lanes: LANES, lanesOf }, async (file) => {
    const reason = missing.get(file.stores)
    if (reason !== undefined) {
      console.log(`skipped: ${file.path} on ${file.stores}: ${reason}`)
      add(total, { ...noCounts(), tests: 1, skipped: 1 })
      return
    }
    const result = await runFile(file, temporary)
    for (const event of result.events) reporter.show(event)
    add(total, result.counts)
    results.push(result)
  })
  await reporter.end()
  return { total, results }
}

/** Files print whole, in the order in which they end; what failed comes again at the end of all. */
function report() {
  const events = new Readable({ objectMode: true, read: () => {} })
  const printed = (async () => {
    for await (const text of events.pipe(new spec())) process.stdout.write(String(text))
  })()
  return {
    show: (event: TestEvent) => void events.push(event),
    end: async (): Promise<void> => {
      events.push(null)
      await printed
    },
  }
}

function add(total: Counts, counts: Counts): void {
  for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name]
}

function close(total: Counts, durationMs: number): void {
  for (const [name, count] of Object.entries(total)) console.log(`# ${name} ${count}`)
  console.log(`# duration_ms ${durationMs.toFixed(0)}`)
  const failed = total.fail + total.cancelled
  console.log(`${total.pass} passed, ${failed} failed, ${total.skipped} skipped`)
  const mustNotSkip = process.env.CI === 'true' && total.skipped > 0
  if (total.tests === 0) console.error('no tests were found')
  if (mustNotSkip) console.error('with CI=true nothing may be skipped: a program that the tests need is missing')
  process.exitCode = failed > 0 || total.tests === 0 || mustNotSkip ? 1 : 0
}

await main(process.argv.slice(2))
