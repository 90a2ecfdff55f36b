// One log line and one measurement for each finished request. The pattern, never the raw path, names the endpoint.

import type { FinishedRequest, RouteClass } from '#http'
import { createRequestMetrics, type Telemetry } from '#telemetry'

export function createRequestRecorder({ log, metrics }: Telemetry): (request: FinishedRequest) => void {
  const requestMetrics = createRequestMetrics(metrics)
  return ({ ctx, status, durationMs }) => {
    requestMetrics.observe({
      method: ctx.method,
      endpoint: ctx.pattern,
      statusCode: status,
      durationSeconds: durationMs / 1000,
    })
    if (QUIET.has(ctx.pattern) || isYes(ctx.routeClass, status)) return
    log.info(
      {
        event: ctx.mount?.routeClass === 'proxied' ? 'proxy_request' : 'http_request',
        request_id: ctx.id,
        user_id: ctx.userId,
        method: ctx.method,
        path: ctx.target.path,
        status,
        duration_ms: Math.round(durationMs * 100) / 100,
        address: ctx.client.address,
      },
      'request',
    )
  }
}

/** Asked every few seconds by machines. */
const QUIET: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/auth/assets/:name'])

/** To a proxy in front, which logs the request itself: twice as many lines would say nothing more. */
const isYes = (routeClass: RouteClass, status: number): boolean => routeClass === 'verify' && status === 200
