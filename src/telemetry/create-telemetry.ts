// Puts logs and metrics together for one gateway. `gateway.ts` creates it first and stops it last.

import type { Clock } from '#kernel'
import type { TelemetryConfig } from './config.ts'
import { createLogger } from './create-logger.ts'
import { createMetrics, type MetricsScope } from './create-metrics.ts'
import { createLineWriter, type LineWriter } from './line-writer.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { createMetricsListener } from './metrics-listener.ts'
import { createProcessMetrics } from './process-metrics.ts'
import type { MetricReading } from './readings.ts'

export interface Telemetry {
  readonly log: Logger
  readonly metrics: Metrics
  /** Where metrics are scraped, once started; undefined if switched off. */
  readonly metricsUrl: string | undefined
  /** For parts that are made anew at a reload. */
  scope(): MetricsScope
  /** All metrics of this process, as data. */
  readMetrics(): Promise<readonly MetricReading[]>
  start(): Promise<void>
  /** Writes out what was logged. Safe to call twice. */
  stop(): Promise<void>
}

/** One event of the log, as a collector reads it from its line. */
export type LogEntry = Readonly<Record<string, unknown>> & {
  readonly level: string
  readonly time: string
  readonly event: string
  readonly msg: string
}

/** Takes events instead of the configured destination: tests read the log as structures. */
export type LogSink = (entry: LogEntry) => void

export interface TelemetryOptions {
  readonly sink?: LogSink | undefined
  /** False in a process whose metrics another one collects. */
  readonly offersMetrics?: boolean
  /** Other processes write to the same output: lines must not mix. */
  readonly sharesOutput?: boolean
  /** On every line. */
  readonly fields?: Parameters<Logger['child']>[0]
  /** What other processes measured, for the one that collects. */
  readonly collect?: () => Promise<readonly (readonly MetricReading[])[]>
}

export function createTelemetry(config: TelemetryConfig, clock: Clock, options: TelemetryOptions = {}): Telemetry {
  const { sink, offersMetrics = true, sharesOutput = false, fields = {}, collect } = options
  const registry = createMetrics(config.metrics === false ? 'gatehouse' : config.metrics.prefix, collect)
  const dropped = registry.metrics.counter({
    name: 'log_lines_dropped_total',
    help: 'Log lines thrown away because their reader stood still.',
  })
  const writer =
    sink === undefined
      ? createLineWriter({
          fd: DESCRIPTORS[config.log.destination],
          clock,
          sharesOutput,
          onDropped: () => dropped.add({}),
        })
      : intoSink(sink)
  const leftOut = registry.metrics.counter({
    name: 'log_lines_left_out_total',
    help: 'Log lines not written because there were too many of their event.',
    labels: ['event'],
  })
  const log = createLogger({
    level: config.log.level,
    clock,
    write: writer.write,
    onLeftOut: (event) => leftOut.add({ event }),
  }).child(fields)
  const processMetrics = createProcessMetrics(registry.expose)
  const onError = (error: unknown): void =>
    log.error({ event: 'scrape_failed', err: error }, 'metrics could not be read')
  const listener =
    config.metrics === false || !offersMetrics
      ? undefined
      : createMetricsListener({ address: config.metrics.listen, registry, onError })

  return Object.freeze({
    log,
    metrics: registry.metrics,
    get metricsUrl() {
      return listener?.url()
    },
    scope: registry.scope,
    readMetrics: registry.read,
    async start() {
      if (config.metrics === false) return
      await listener?.open()
      processMetrics.start()
    },
    async stop() {
      processMetrics.stop()
      await listener?.close()
      await writer.close()
    },
  })
}

const DESCRIPTORS: Readonly<Record<TelemetryConfig['log']['destination'], number>> = { stdout: 1, stderr: 2 }

/** The line is made all the same, so that what a test reads is what a collector would. */
const intoSink = (sink: LogSink): LineWriter => ({
  write: (line) => sink(JSON.parse(line)),
  close: async () => {},
})
