// Metrics as data: what one source (a part, a process) tells at one moment, and how those of several become one.

import type { Combine } from './metrics.ts'

/** One line of the exposition format, as prom-client's registry takes it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Where it differs from the metric's: `…_bucket`, `…_sum`. */
  readonly metricName?: string
}

/** A metric with all its series. Plain data: it goes from process to process. */
export interface MetricReading {
  /** With its prefix. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly combine: Combine
  readonly samples: readonly Sample[]
}

/** Those of the same name as one, series by series, in the order in which they are first seen. */
export function combineReadings(sources: readonly (readonly MetricReading[])[]): readonly MetricReading[] {
  const byName = new Map<string, MetricReading[]>()
  for (const reading of sources.flat()) {
    const known = byName.get(reading.name)
    if (known === undefined) byName.set(reading.name, [reading])
    else known.push(reading)
  }
  return [...byName.values()].flatMap((readings) => {
    const [first] = readings
    if (first === undefined) return []
    return [{ ...first, samples: combineSamples(readings, COMBINERS[first.combine]) }]
  })
}

const COMBINERS: Readonly<Record<Combine, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
}

function combineSamples(
  readings: readonly MetricReading[],
  combine: (a: number, b: number) => number,
): readonly Sample[] {
  if (readings.length === 1) return readings[0]?.samples ?? []
  const series = new Map<string, Sample>()
  for (const sample of readings.flatMap(({ samples }) => samples)) {
    const key = JSON.stringify([sample.metricName, sample.labels])
    const known = series.get(key)
    series.set(key, known === undefined ? sample : { ...sample, value: combine(known.value, sample.value) })
  }
  return [...series.values()]
}
