// `make test`: the tests beside the code, those that boot the gateway, and the end-to-end tests again on other stores.
// `--stores=redis-postgres` (or sentinel-mariadb) runs all of them on those instead, but for tests that bring their own.
// Arguments narrow it to files whose path holds one of them. Ends with one total, in node's own closing lines.

import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec, type TestEvent } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { isMissing } from '../test/support/programs.ts'
import { type StoreKind, startStoreServers, toStoreKind } from '../test/support/store-servers.ts'

interface Round {
  readonly what: string
  readonly files: readonly string[]
  /** What gateways keep their state in, where a test does not say. */
  readonly stores: StoreKind
}

/** As node counts and names them when it closes a run. */
interface Counts {
  tests: number
  suites: number
  pass: number
  fail: number
  cancelled: number
  skipped: number
  todo: number
}

const EVERYTHING = [
  'src/**/*.test.ts',
  'scripts/**/*.test.ts',
  'bench/**/*.test.ts',
  'test/**/*.test.ts',
  'examples/**/*.test.ts',
]
const END_TO_END = ['test/e2e/**/*.test.ts']
/** For one test. Files that stay silent for longer, because something they opened keeps them alive, are aborted. */
const TIMEOUT_MS = 180_000

/**
 * Once a file's tests and hooks are through, its process exits. Left to end by itself, Node 26.10 now and then spins for
 * ever over handles that it wants to close (`Environment::CleanupHandles`), after connections were broken or frozen.
 * What a file declares after a later `await` at its top level does not count by then: `test-order.ts` forbids that.
 */
const END_AT_ONCE = ['--test-force-exit']

/** Closing lines are diagnostics of the whole run; each round's own would hide the total. */
const CLOSING_LINE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/

async function main(args: string[]): Promise<void> {
  const startedAt = performance.now()
  const { values, positionals: only } = parseArgs({
    args,
    allowPositionals: true,
    options: { stores: { type: 'string' } },
  })
  const find = (patterns: readonly string[]) =>
    globSync(patterns)
      .sort()
      .filter((path) => only.length === 0 || only.some((part) => path.includes(part)))
  const total: Counts = { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 }
  for (const round of values.stores === undefined ? usualRounds(find) : roundsOn(toStoreKind(values.stores), find)) {
    if (round.files.length > 0) add(total, await runRound(round))
  }
  close(total, performance.now() - startedAt)
}

type Find = (patterns: readonly string[]) => readonly string[]

const usualRounds = (find: Find): readonly Round[] => [
  { what: 'all tests', files: find(EVERYTHING), stores: 'embedded' },
  { what: 'end to end on Redis and PostgreSQL', files: find(END_TO_END), stores: 'redis-postgres' },
  { what: 'end to end on Redis Sentinel and MariaDB', files: find(END_TO_END), stores: 'sentinel-mariadb' },
]

const roundsOn = (stores: StoreKind, find: Find): readonly Round[] => [
  { what: `all tests on ${stores}`, files: find(EVERYTHING), stores },
]

async function runRound(round: Round): Promise<Counts> {
  const { what, files, stores } = round
  console.log(`\n${what} (${files.length} files)`)
  const servers = await startStoreServers(stores)
  if (isMissing(servers)) {
    console.log(`skipped: ${servers.missing}`)
    const count = files.length
    return { tests: count, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: count, todo: 0 }
  }
  await using _ = servers
  Object.assign(process.env, servers.env)
  try {
    return await runFiles(files)
  } finally {
    for (const name of Object.keys(servers.env)) delete process.env[name]
  }
}

async function runFiles(files: readonly string[]): Promise<Counts> {
  const totals: Counts[] = []
  const silence = new AbortController()
  const watchdog = setTimeout(() => silence.abort(), TIMEOUT_MS * 1.5)
  const { signal } = silence
  const events = run({
    files: [...files],
    concurrency: availableParallelism(),
    timeout: TIMEOUT_MS,
    signal,
    execArgv: END_AT_ONCE,
  })
  events.on('data', () => watchdog.refresh())
  events.on('test:summary', ({ file, counts: { passed: pass, ...counts } }) => {
    const fail = counts.tests - pass - counts.cancelled - counts.skipped - counts.todo
    if (file === undefined) totals.push({ ...counts, pass, fail })
  })
  for await (const text of Readable.from(withoutClosingLines(events)).pipe(new spec())) {
    process.stdout.write(String(text))
  }
  clearTimeout(watchdog)
  const [counts] = totals
  if (counts === undefined) throw new Error('the test runner ended without a summary')
  return counts
}

async function* withoutClosingLines(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of events) {
    if (event.type !== 'test:diagnostic' || event.data.nesting > 0 || !CLOSING_LINE.test(event.data.message))
      yield event
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
