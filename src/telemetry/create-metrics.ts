// Counts in memory and speaks Prometheus through prom-client's registry. Counting is ours, because it happens on every
// request and prom-client's own costs three times as much; writing the exposition format is prom-client's.

import { createRequire } from 'node:module'
import type { Metric, Registry } from 'prom-client'
import type { GaugeReading, MetricSpec, Metrics } from './metrics.ts'
import { createSeries } from './series.ts'

/** One line of the exposition format, as prom-client's registry takes it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Where it differs from the metric's: `…_bucket`, `…_sum`. */
  readonly metricName?: string
}

export interface ExposedMetric {
  /** With its prefix. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Asked at each scrape. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>
}

export interface MetricsRegistry {
  readonly metrics: Metrics
  /** Adds a metric under its full name. @throws if the name is taken. */
  expose(metric: ExposedMetric): void
  readonly contentType: string
  /** Everything, in Prometheus's text format. */
  scrape(): Promise<string>
}

/** @param prefix goes before the names of everything that features measure. */
export function createMetrics(prefix: string): MetricsRegistry {
  const registry = new PromRegistry()

  const expose = ({ name, help, type, read }: ExposedMetric): void => {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: await read() })
    // The registry asks a metric for `name` and `get()` only; its type lists everything that its own classes can do.
    registry.registerMetric({ name, get } as unknown as Metric)
  }

  const metrics: Metrics = Object.freeze({
    counter: (spec: MetricSpec) => createCounter(prefixed(spec), expose),
    histogram: (spec: MetricSpec & { readonly buckets: readonly number[] }) => createHistogram(prefixed(spec), expose),
    gauge(spec: MetricSpec, read: () => readonly GaugeReading[] | Promise<readonly GaugeReading[]>) {
      const { name, help } = prefixed(spec)
      expose({ name, help, type: 'gauge', read: async () => (await read()).map(toSample) })
    },
  })
  const prefixed = <Spec extends MetricSpec>(spec: Spec): Spec => ({ ...spec, name: `${prefix}_${spec.name}` })

  return Object.freeze({ metrics, expose, contentType: registry.contentType, scrape: () => registry.metrics() })
}

// The registry alone: with the package's other parts, which nobody here uses, come 15 MiB of memory at every start.
const PromRegistry = createRequire(import.meta.url)('prom-client/lib/registry.js') as new () => Registry

type Expose = MetricsRegistry['expose']

const toSample = ({ labels = {}, value }: GaugeReading): Sample => ({ labels, value })

function createCounter({ name, help, labels: names = [] }: MetricSpec, expose: Expose) {
  const series = createSeries(names, () => ({ value: 0 }))
  // A counter without labels exists from the start, so that the first increase is seen as one.
  if (names.length === 0) series.of({})
  expose({
    name,
    help,
    type: 'counter',
    read: () => [...series.all()].map(([labels, { value }]) => ({ labels, value })),
  })
  return Object.freeze({
    add(labels: Readonly<Record<string, string>>, by = 1) {
      series.of(labels).value += by
    },
  })
}

interface Distribution {
  /** Observations up to each bound, not yet summed up. */
  readonly counts: number[]
  count: number
  sum: number
}

function createHistogram(spec: MetricSpec & { readonly buckets: readonly number[] }, expose: Expose) {
  const { name, help, labels: names = [], buckets } = spec
  const series = createSeries(names, (): Distribution => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }))
  const read = () => [...series.all()].flatMap(([labels, entry]) => distributionSamples(name, buckets, labels, entry))
  expose({ name, help, type: 'histogram', read })
  return Object.freeze({
    observe(labels: Readonly<Record<string, string>>, value: number) {
      const entry = series.of(labels)
      const bucket = buckets.findIndex((bound) => value <= bound)
      if (bucket >= 0) entry.counts[bucket] = (entry.counts[bucket] ?? 0) + 1
      entry.count += 1
      entry.sum += value
    },
  })
}

function distributionSamples(
  name: string,
  buckets: readonly number[],
  labels: Readonly<Record<string, string>>,
  { counts, count, sum }: Distribution,
): readonly Sample[] {
  let upTo = 0
  const bucket = (le: string | number, value: number): Sample => ({
    labels: { le, ...labels },
    value,
    metricName: `${name}_bucket`,
  })
  return [
    ...buckets.map((bound, index) => {
      upTo += counts[index] ?? 0
      return bucket(bound, upTo)
    }),
    bucket('+Inf', count),
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ]
}
