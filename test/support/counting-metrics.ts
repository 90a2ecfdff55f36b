// Metrics that count by name and label values, for tests to look at.

import type { Metrics } from '#telemetry'

/** @param counted `logins_total sso success` → how often; filled as things are counted. Gauges and times go nowhere. */
export function countingMetrics(counted: Map<string, number>): Metrics {
  const add = (name: string, labels: Readonly<Record<string, string>>, by: number): void => {
    const key = [name, ...Object.values(labels)].join(' ')
    counted.set(key, (counted.get(key) ?? 0) + by)
  }
  return {
    counter: ({ name }) => ({
      add: (labels, by = 1) => add(name, labels, by),
      with:
        (labels) =>
        (by = 1) =>
          add(name, labels, by),
    }),
    histogram: () => ({ observe: () => {}, with: () => () => {} }),
    gauge: () => {},
  }
}
