// From nothing to the first answer, and what it holds when nobody asks for anything.

import { setTimeout as pause } from 'node:timers/promises'
import { startGatehouse } from '../gatehouse.ts'
import { median, type Rounds } from '../measure.ts'
import { readUsage } from '../process-usage.ts'
import type { Upstream } from '../upstream.ts'
import type { Outcome } from './scenario.ts'

export async function measureStart(upstream: Upstream, { count }: Rounds): Promise<Outcome> {
  const times: number[] = []
  const memory: number[] = []
  for (let round = 0; round < count; round++) {
    const gatehouse = await startGatehouse({ upstream })
    times.push(gatehouse.startMs)
    await pause(2000)
    memory.push(readUsage(gatehouse.pid).rssBytes / 1024 / 1024)
    await gatehouse.stop()
  }
  return {
    measurements: [],
    findings: [
      { what: 'start to first answer (ms)', value: median(times, (time) => time), limit: 1000 },
      { what: 'idle memory (MiB)', value: median(memory, (mebibytes) => mebibytes), limit: 120 },
    ],
  }
}
