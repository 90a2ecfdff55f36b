// What features see of metrics. Label values must come from a small closed set (a route's pattern, never a raw path).

export interface Counter {
  add(labels: Readonly<Record<string, string>>, by?: number): void
  /** The same for one set of labels, looked up once: for what happens at every request. */
  with(labels: Readonly<Record<string, string>>): (by?: number) => void
}

export interface Histogram {
  /** @param value in the unit that the metric's name ends with (seconds). */
  observe(labels: Readonly<Record<string, string>>, value: number): void
  /** The same for one set of labels, looked up once: for what happens at every request. */
  with(labels: Readonly<Record<string, string>>): (value: number) => void
}

export interface MetricSpec {
  /** Without the prefix: `logins_total`. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

export interface Metrics {
  counter(spec: MetricSpec): Counter
  histogram(spec: MetricSpec & { readonly buckets: readonly number[] }): Histogram
  /** Asked at each scrape. */
  gauge(spec: GaugeSpec, read: () => readonly GaugeReading[] | Promise<readonly GaugeReading[]>): void
}

/** How the values of several sources (processes, or a part before and after a reload) become one. */
export type Combine = 'sum' | 'max' | 'min'

export interface GaugeSpec extends MetricSpec {
  /** By default the sum: right for what is counted, wrong for what is a state. */
  readonly combine?: Combine
}

export interface GaugeReading {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}
