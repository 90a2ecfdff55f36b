// One test file in a process of its own: what happened, how many tests there were, and what it cost.

import { join } from 'node:path'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import type { StoreKind } from '../test/support/store-servers.ts'
import { readCpuSeconds } from './test-cpu.ts'

export interface TestFile {
  readonly path: string
  /** What gateways keep their state in, where a test does not say. */
  readonly stores: StoreKind
}

/** As node counts and names them when it closes a run. */
export interface Counts {
  tests: number
  suites: number
  pass: number
  fail: number
  cancelled: number
  skipped: number
  todo: number
}

export interface FileResult {
  readonly file: TestFile
  readonly counts: Counts
  /** For a reporter: without the closing lines, which would hide the total. */
  readonly events: readonly TestEvent[]
  readonly seconds: number
  /** Of its process and of those that it started and waited for; undefined where the system does not tell. */
  readonly cpuSeconds: number | undefined
}

/** For one test that sets no limit of its own. */
const TIMEOUT_MS = 180_000
/** Longer than any test takes here. Files that stay silent for longer are kept alive by something, and aborted. */
const SILENCE_MS = 600_000

/**
 * Once a file's tests and hooks are through, its process exits. Left to end by itself, Node 26.10 now and then spins for
 * ever over handles that it wants to close (`Environment::CleanupHandles`), after connections were broken or frozen.
 * What a file declares after a later `await` at its top level does not count by then: `test-order.ts` forbids that.
 */
const END_AT_ONCE = '--test-force-exit'
const imported = (name: string): readonly string[] => ['--import', new URL(name, import.meta.url).href]
const ARGUMENTS: readonly string[] = [END_AT_ONCE, ...imported('test-output.ts'), ...imported('test-cpu.ts')]

const CLOSING_LINE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/

export const noCounts = (): Counts => ({ tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 })

let number = 0

/** @param temporary a folder for what processes tell of themselves */
export async function runFile(file: TestFile, temporary: string): Promise<FileResult> {
  const startedAt = performance.now()
  const told = join(temporary, String(number++))
  const silence = new AbortController()
  const watchdog = setTimeout(() => silence.abort(), SILENCE_MS)
  const events: TestEvent[] = []
  let counts: Counts | undefined
  const running = run({
    files: [fileURLToPath(new URL(`../${file.path}`, import.meta.url))],
    timeout: TIMEOUT_MS,
    signal: silence.signal,
    execArgv: [...ARGUMENTS],
    env: { ...process.env, GATEHOUSE_TEST_STORE: file.stores, GATEHOUSE_TEST_CPU: told },
  })
  for await (const event of running as AsyncIterable<TestEvent>) {
    watchdog.refresh()
    if (event.type === 'test:summary' && event.data.file === undefined) counts = toCounts(event.data.counts)
    else if (!isClosingLine(event)) events.push(file.stores === 'embedded' ? event : named(event, file.stores))
  }
  clearTimeout(watchdog)
  if (counts === undefined) throw new Error(`${file.path} ended without a summary`)
  const seconds = (performance.now() - startedAt) / 1000
  return { file, counts, events, seconds, cpuSeconds: readCpuSeconds(told) }
}

function toCounts({ passed: pass, ...counts }: Omit<Counts, 'pass' | 'fail'> & { readonly passed: number }): Counts {
  const { tests, suites, cancelled, skipped, todo } = counts
  return { tests, suites, pass, fail: tests - pass - cancelled - skipped - todo, cancelled, skipped, todo }
}

const isClosingLine = ({ type, data }: TestEvent): boolean =>
  type === 'test:diagnostic' && data.nesting === 0 && CLOSING_LINE.test(data.message)

/** The same tests run on several kinds of stores: their names say on which. */
function named(event: TestEvent, stores: StoreKind): TestEvent {
  if (event.data === undefined || !('name' in event.data) || event.data.nesting !== 0) return event
  return { ...event, data: { ...event.data, name: `${event.data.name} (${stores})` } } as TestEvent
}
