// From the metrics of this process to what administrators see drawn: how many requests and logins there were, how they
// ended, and how long people waited.

import type { MetricReading } from '#telemetry'

/** What happened in a stretch of time, or since the start. */
export interface Traffic {
  readonly requests: number
  /** Those answered 4xx. */
  readonly refused: number
  /** Those answered 5xx. */
  readonly failed: number
  /** Requests by how long they took: how many took at most so many seconds and more than the bound before. */
  readonly durations: readonly DurationCount[]
  readonly logins: number
  readonly loginsRefused: number
}

export interface DurationCount {
  /** Infinity for the last. */
  readonly atMostSeconds: number
  readonly count: number
}

export const noTraffic: Traffic = { requests: 0, refused: 0, failed: 0, durations: [], logins: 0, loginsRefused: 0 }

/** @param readings all metrics of a process; the prefix of their names is the operator's */
export function readTraffic(readings: readonly MetricReading[]): Traffic {
  const samplesOf = (name: string) => readings.find((each) => each.name.endsWith(name))?.samples ?? []
  const requests = samplesOf('_api_request_count_total')
  const logins = samplesOf('_logins_total')
  const sum = (samples: typeof requests, isMeant: (labels: (typeof requests)[number]['labels']) => boolean): number =>
    samples.reduce((total, { labels, value }) => (isMeant(labels) ? total + value : total), 0)
  const statusClass = (labels: (typeof requests)[number]['labels']): string => String(labels.status_code).slice(0, 1)
  return {
    requests: sum(requests, () => true),
    refused: sum(requests, (labels) => statusClass(labels) === '4'),
    failed: sum(requests, (labels) => statusClass(labels) === '5'),
    durations: readDurations(samplesOf('_api_request_duration_sec')),
    logins: sum(logins, ({ result }) => result === 'success'),
    loginsRefused: sum(logins, ({ result }) => result !== 'success'),
  }
}

/** Prometheus's buckets each count what the ones before them count too. */
function readDurations(samples: MetricReading['samples']): readonly DurationCount[] {
  const upTo = new Map<number, number>()
  for (const { labels, value, metricName } of samples) {
    if (metricName?.endsWith('_bucket') !== true) continue
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)
    upTo.set(bound, (upTo.get(bound) ?? 0) + value)
  }
  const bounds = [...upTo.keys()].toSorted((a, b) => a - b)
  return bounds.map((atMostSeconds, index) => ({
    atMostSeconds,
    count: (upTo.get(atMostSeconds) ?? 0) - (upTo.get(bounds[index - 1] ?? Number.NaN) ?? 0),
  }))
}

export const trafficBetween = (before: Traffic, after: Traffic): Traffic => combine(after, before, -1)

export const addTraffic = (a: Traffic, b: Traffic): Traffic => combine(a, b, 1)

function combine(a: Traffic, b: Traffic, sign: 1 | -1): Traffic {
  const counts = new Map(a.durations.map(({ atMostSeconds, count }) => [atMostSeconds, count]))
  for (const { atMostSeconds, count } of b.durations) {
    counts.set(atMostSeconds, (counts.get(atMostSeconds) ?? 0) + sign * count)
  }
  return {
    requests: a.requests + sign * b.requests,
    refused: a.refused + sign * b.refused,
    failed: a.failed + sign * b.failed,
    durations: [...counts]
      .map(([atMostSeconds, count]) => ({ atMostSeconds, count }))
      .toSorted((one, other) => one.atMostSeconds - other.atMostSeconds),
    logins: a.logins + sign * b.logins,
    loginsRefused: a.loginsRefused + sign * b.loginsRefused,
  }
}

/**
 * How long that share of the requests took at most, in milliseconds: within a bucket they are taken to lie evenly, and beyond
 * the last bound nothing more is known than the bound.
 */
export function durationQuantileMs(durations: readonly DurationCount[], share: number): number | undefined {
  const total = durations.reduce((sum, { count }) => sum + count, 0)
  if (total <= 0) return undefined
  let left = total * share
  let from = 0
  for (const { atMostSeconds, count } of durations) {
    if (!Number.isFinite(atMostSeconds)) break
    if (left <= count && count > 0) return (from + ((atMostSeconds - from) * left) / count) * 1000
    left -= count
    from = atMostSeconds
  }
  return from * 1000
}
