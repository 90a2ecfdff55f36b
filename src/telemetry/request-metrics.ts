// How many requests, how they ended, how long they took: the names, labels and buckets that Backend.AI's dashboards
// know, so that they work with `telemetry.metrics.prefix: backendai`.

import type { Metrics } from './metrics.ts'

export interface RequestMeasurement {
  readonly method: string
  /** The route's pattern, never the path. */
  readonly endpoint: string
  readonly statusCode: number
  readonly durationSeconds: number
  /** The three parts of an error as the dashboards tell them apart; absent on success. */
  readonly domain?: string
  readonly operation?: string
  readonly errorDetail?: string
}

export interface RequestMetrics {
  /** Called once for each finished request. */
  observe(request: RequestMeasurement): void
}

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const labels = ['method', 'endpoint', 'domain', 'operation', 'error_detail', 'status_code']
  const count = metrics.counter({ name: 'api_request_count_total', help: 'Requests answered.', labels })
  const duration = metrics.histogram({
    name: 'api_request_duration_sec',
    help: 'Time from the request head to the end of the answer, in seconds.',
    labels,
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30],
  })

  const measuring = (request: RequestMeasurement): Measure => {
    const values = {
      method: usualMethod(request.method),
      endpoint: request.endpoint,
      domain: request.domain ?? '',
      operation: request.operation ?? '',
      error_detail: request.errorDetail ?? '',
      status_code: String(request.statusCode),
    }
    const add = count.with(values)
    const observeDuration = duration.with(values)
    return (seconds) => {
      add()
      observeDuration(seconds)
    }
  }

  // Patterns, usual methods and statuses: as many as there can be series.
  const known = new Map<string, Map<string, Measure[]>>()
  const remembered = (request: RequestMeasurement): Measure => {
    const { endpoint, statusCode } = request
    const method = usualMethod(request.method)
    const found = known.get(endpoint)?.get(method)?.[statusCode]
    if (found !== undefined) return found
    const ofEndpoint = known.get(endpoint) ?? new Map<string, Measure[]>()
    const ofMethod = ofEndpoint.get(method) ?? []
    const measure = measuring(request)
    ofMethod[statusCode] = measure
    known.set(endpoint, ofEndpoint.set(method, ofMethod))
    return measure
  }

  return Object.freeze({
    observe(request: RequestMeasurement) {
      const hasError = (request.domain ?? request.operation ?? request.errorDetail) !== undefined
      const measure = hasError ? measuring(request) : remembered(request)
      measure(request.durationSeconds)
    },
  })
}

type Measure = (seconds: number) => void

const usualMethod = (method: string): string => (USUAL_METHODS.has(method) ? method : 'other')

/** Node knows 35 methods; times endpoints and answers, a stranger could fill the series with them. */
const USUAL_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
