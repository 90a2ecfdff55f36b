// Counts in memory and speaks Prometheus through prom-client's registry. Counting is ours, because it happens on every
// request and prom-client's own costs three times as much; writing the exposition format is prom-client's.

import type { Metric } from 'prom-client'
// The registry alone: with the package's other parts, which nobody here uses, come 15 MiB of memory at every start.
import Registry from 'prom-client/lib/registry.js'
import type { Combine, Counter, GaugeReading, GaugeSpec, Histogram, MetricSpec, Metrics } from './metrics.ts'
import { combineReadings, type MetricReading, type Sample } from './readings.ts'
import { createSeries } from './series.ts'

type Read = () => readonly Sample[] | Promise<readonly Sample[]>

export interface ExposedMetric extends Omit<MetricReading, 'samples' | 'combine'> {
  readonly combine?: Combine
  /** Asked at each scrape. */
  readonly read: Read
}

/** What a part that comes and goes measures with: its gauges are asked until `end`; what it counted stays. */
export interface MetricsScope {
  readonly metrics: Metrics
  end(): void
}

export interface MetricsRegistry {
  readonly metrics: Metrics
  /** The same names may be taken in each scope; counters go on where they were. */
  scope(): MetricsScope
  /** Adds a metric under its full name. @throws if the name is taken. */
  expose(metric: ExposedMetric): void
  readonly contentType: string
  /** Everything, as data. */
  read(): Promise<readonly MetricReading[]>
  /** Everything, in Prometheus's text format. */
  scrape(): Promise<string>
}

/**
 * @param prefix goes before the names of everything that features measure.
 * @param others what other processes measured; put together with our own at each scrape.
 */
export function createMetrics(
  prefix: string,
  others: () => Promise<readonly (readonly MetricReading[])[]> = async () => [],
): MetricsRegistry {
  const known = new Map<string, Known>()

  const knownOf = (metric: Omit<Known, 'readers' | 'counting'>): Known => {
    const found = known.get(metric.name) ?? { ...metric, readers: new Set() }
    if (found.shape !== metric.shape) throw new Error(`the metric ${metric.name} is already something else`)
    known.set(metric.name, found)
    return found
  }

  const createScope = (): MetricsScope => {
    const taken = new Set<string>()
    const ends: (() => void)[] = []
    const take = (metric: Omit<Known, 'readers' | 'counting'>): Known => {
      if (taken.has(metric.name)) throw new Error(`the metric ${metric.name} is there already`)
      taken.add(metric.name)
      return knownOf(metric)
    }
    const metrics: Metrics = Object.freeze({
      counter(spec: MetricSpec) {
        const metric = take(toKnown('counter', prefix, spec))
        metric.counting ??= counterOf(metric, spec)
        return metric.counting as Counter
      },
      histogram(spec: MetricSpec & { readonly buckets: readonly number[] }) {
        const metric = take(toKnown('histogram', prefix, spec))
        metric.counting ??= histogramOf(metric, spec)
        return metric.counting as Histogram
      },
      gauge(spec: GaugeSpec, read: () => readonly GaugeReading[] | Promise<readonly GaugeReading[]>) {
        const { readers } = take(toKnown('gauge', prefix, spec))
        const reader = async () => (await read()).map(toSample)
        readers.add(reader)
        ends.push(() => readers.delete(reader))
      },
    })
    return Object.freeze({
      metrics,
      end() {
        for (const end of ends) end()
      },
    })
  }

  const expose = ({ name, help, type, combine = 'sum', read: reader }: ExposedMetric): void => {
    if (known.has(name)) throw new Error(`the metric ${name} is there already`)
    known.set(name, { name, help, type, combine, shape: '', readers: new Set([reader]) })
  }

  const read = async (): Promise<readonly MetricReading[]> =>
    combineReadings(
      await Promise.all(
        [...known.values()].map(({ name, help, type, combine, readers }) =>
          Promise.all([...readers].map(async (reader) => ({ name, help, type, combine, samples: await reader() }))),
        ),
      ),
    )

  return Object.freeze({
    metrics: createScope().metrics,
    scope: createScope,
    expose,
    contentType: new Registry().contentType,
    read,
    scrape: async () => toText(combineReadings([await read(), ...(await others())])),
  })
}

interface Known extends Omit<MetricReading, 'samples'> {
  /** Everything in which two of the same name must agree. */
  readonly shape: string
  readonly readers: Set<Read>
  /** Kept from scope to scope. */
  counting?: Counter | Histogram
}

function toKnown(type: MetricReading['type'], prefix: string, spec: GaugeSpec & { buckets?: readonly number[] }) {
  const { name, help, labels = [], combine = 'sum', buckets } = spec
  const shape = JSON.stringify([type, help, labels, combine, buckets])
  return { name: `${prefix}_${name}`, help, type, combine, shape }
}

/** prom-client's registry asks a metric for `name` and `get()` only; its type lists all that its own classes can do. */
function toText(readings: readonly MetricReading[]): Promise<string> {
  const registry = new Registry()
  for (const { name, help, type, samples } of readings) {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: samples })
    registry.registerMetric({ name, get } as unknown as Metric)
  }
  return registry.metrics()
}

const toSample = ({ labels = {}, value }: GaugeReading): Sample => ({ labels, value })

function counterOf({ readers }: Known, { labels: names = [] }: MetricSpec): Counter {
  const series = createSeries(names, () => ({ value: 0 }))
  // A counter without labels exists from the start, so that the first increase is seen as one.
  if (names.length === 0) series.of({})
  readers.add(() => [...series.all()].map(([labels, { value }]) => ({ labels, value })))
  const counting =
    (entry: { value: number }) =>
    (by = 1): void => {
      entry.value += by
    }
  return Object.freeze({
    add: (labels: Readonly<Record<string, string>>, by = 1) => counting(series.of(labels))(by),
    with: (labels: Readonly<Record<string, string>>) => counting(series.of(labels)),
  })
}

interface Distribution {
  /** Observations up to each bound, not yet summed up. */
  readonly counts: number[]
  count: number
  sum: number
}

function histogramOf({ name, readers }: Known, spec: MetricSpec & { readonly buckets: readonly number[] }): Histogram {
  const { labels: names = [], buckets } = spec
  const series = createSeries(names, (): Distribution => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }))
  readers.add(() => [...series.all()].flatMap(([labels, entry]) => distributionSamples(name, buckets, labels, entry)))
  const observing =
    (entry: Distribution) =>
    (value: number): void => {
      const bucket = buckets.findIndex((bound) => value <= bound)
      if (bucket >= 0) entry.counts[bucket] = (entry.counts[bucket] ?? 0) + 1
      entry.count += 1
      entry.sum += value
    }
  return Object.freeze({
    observe: (labels: Readonly<Record<string, string>>, value: number) => observing(series.of(labels))(value),
    with: (labels: Readonly<Record<string, string>>) => observing(series.of(labels)),
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
