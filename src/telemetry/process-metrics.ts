// What every Node process should tell: CPU, memory, open files, and how late the event loop runs. Under the names that
// dashboards for Node expect, whatever the prefix of our own metrics.

import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MetricsRegistry } from './create-metrics.ts'
import type { Combine } from './metrics.ts'
import type { Sample } from './readings.ts'

export interface ProcessMetrics {
  start(): void
  stop(): void
}

/** Delays are those since the scrape before. */
export function createProcessMetrics(expose: MetricsRegistry['expose']): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  const gauge = (name: string, help: string, read: () => number, combine: Combine = 'sum') =>
    expose({ name, help, type: 'gauge', combine, read: () => one(read()) })
  const counter = (name: string, help: string, read: () => number) =>
    expose({ name, help, type: 'counter', read: () => one(read()) })

  counter('process_cpu_user_seconds_total', 'CPU time in user mode.', () => process.cpuUsage().user / 1e6)
  counter('process_cpu_system_seconds_total', 'CPU time in the system.', () => process.cpuUsage().system / 1e6)
  counter('process_cpu_seconds_total', 'CPU time.', () => cpuSeconds())
  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', () => START_SECONDS, 'min')
  gauge('process_resident_memory_bytes', 'Memory that the process holds.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_total_bytes', 'JavaScript heap, reserved.', () => process.memoryUsage().heapTotal)
  gauge('nodejs_heap_size_used_bytes', 'JavaScript heap, in use.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_external_memory_bytes', 'Memory outside the JavaScript heap.', () => process.memoryUsage().external)
  gauge('nodejs_eventloop_lag_mean_seconds', 'Mean delay of the event loop.', () => seconds(delay.mean), 'max')
  gauge(
    'nodejs_eventloop_lag_p50_seconds',
    'Median delay of the event loop.',
    () => seconds(delay.percentile(50)),
    'max',
  )
  gauge('nodejs_eventloop_lag_p99_seconds', '99th percentile of it.', () => seconds(delay.percentile(99)), 'max')
  const readLongest = (): number => {
    const longest = seconds(delay.max)
    // The last of the four to be read begins the next period.
    delay.reset()
    return longest
  }
  gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop.', readLongest, 'max')
  if (process.platform === 'linux') {
    gauge('process_open_fds', 'Open file descriptors.', () => readdirSync('/proc/self/fd').length - 1)
  }

  return Object.freeze({
    start: () => void delay.enable(),
    stop: () => void delay.disable(),
  })
}

const START_SECONDS = Math.round(Date.now() / 1000 - process.uptime())

const one = (value: number): readonly Sample[] => [{ labels: {}, value }]

/** Without a single measurement the runtime says NaN. */
const seconds = (nanoseconds: number): number => (Number.isNaN(nanoseconds) ? 0 : nanoseconds / 1e9)

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
