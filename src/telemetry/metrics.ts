// What features see of metrics. Label values must come from a small closed set (a route's pattern, never a raw path).

export interface Counter {
  add(labels: Readonly<Record<string, string>>, by?: number): void
}

export interface Histogram {
  /** @param value in the unit that the metric's name ends with (seconds). */
  observe(labels: Readonly<Record<string, string>>, value: number): void
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
  gauge(spec: MetricSpec, read: () => readonly GaugeReading[] | Promise<readonly GaugeReading[]>): void
}

export interface GaugeReading {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}
