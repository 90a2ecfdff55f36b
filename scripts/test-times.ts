// Where the time of a test run went.

import type { FileResult } from './test-file.ts'

const HOW_MANY = 10

/** The slowest files, and what all of them cost together. */
export function describeTimes(results: readonly FileResult[]): readonly string[] {
  const slowest = results.toSorted((a, b) => b.seconds - a.seconds).slice(0, HOW_MANY)
  const cpu = results.reduce((sum, { cpuSeconds = 0 }) => sum + cpuSeconds, 0)
  const wall = results.reduce((sum, { seconds }) => sum + seconds, 0)
  return [
    '\nslowest files (seconds, and those of processors):',
    ...slowest.map((each) => row(each.seconds, each.cpuSeconds, `${each.file.path} (${each.file.stores})`)),
    row(wall, cpu, `all ${results.length} files, several at a time`),
  ]
}

const row = (seconds: number, cpuSeconds: number | undefined, what: string): string =>
  `${seconds.toFixed(1).padStart(8)} ${(cpuSeconds?.toFixed(1) ?? '?').padStart(8)}  ${what}`
