// What a test file costs. Imported by its process, which says at its end how many seconds of processor time it took, with
// those of the processes that it has waited for. Linux alone tells.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const STAT = '/proc/self/stat'
/** Of the figures in `stat`, on all of Linux (USER_HZ). */
const TICKS_A_SECOND = 100

const path = process.env.GATEHOUSE_TEST_CPU
if (path !== undefined && isMainThread && existsSync(STAT)) {
  // Not for the processes that it starts.
  delete process.env.GATEHOUSE_TEST_CPU
  process.on('exit', () => writeFileSync(path, readFileSync(STAT)))
}

/** @param told what the process wrote at its end */
export function readCpuSeconds(told: string): number | undefined {
  if (!existsSync(told)) return undefined
  const stat = readFileSync(told, 'utf8')
  // The second figure is a name in brackets, which may hold anything; utime, stime, cutime and cstime are 14 to 17.
  const figures = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return figures.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_A_SECOND
}
