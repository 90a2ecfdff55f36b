// What a gateway process uses, as the system and its own metrics tell.

import { readdirSync, readFileSync } from 'node:fs'
import type { GatewayProcess } from '../gateway/gateway-process.ts'

export const MIB = 1_048_576

/** `false`, or why these suites cannot run here. */
export const skipWithoutProc = process.platform === 'linux' ? false : 'the memory of another process is read from /proc'

export const residentBytes = (pid: number): number => statusBytes(pid, 'VmRSS')

/** The most that it ever had. */
export const peakBytes = (pid: number): number => statusBytes(pid, 'VmHWM')

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Of a processor, since the process began. What a busy machine does meanwhile is not in it. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in brackets, may hold anything; user and system time are fields 14 and 15, in hundredths.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export interface LoopDelay {
  readonly p99Ms: number
  readonly maxMs: number
}

/** Since it was last asked. A timer of 20 ms is what is measured: on an idle machine that much is no delay. */
export async function readLoopDelay(gateway: GatewayProcess): Promise<LoopDelay> {
  const { metrics } = (await gateway.said('ready')) as { readonly metrics?: string }
  if (metrics === undefined) throw new Error('start it with telemetry.metrics.listen')
  const text = await (await fetch(metrics)).text()
  const read = (name: string): number => {
    const seconds = Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])
    if (Number.isNaN(seconds)) throw new Error(`no metric ${name}`)
    return seconds * 1_000
  }
  return { p99Ms: read('nodejs_eventloop_lag_p99_seconds'), maxMs: read('nodejs_eventloop_lag_max_seconds') }
}

const statusBytes = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024
