// Forwards requests to one upstream: bounded in number, streamed both ways, answered or refused. The hot path of the
// gateway: what can be known beforehand is, and what a request makes is one exchange and two header lists.

import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { UpstreamConfig } from './config.ts'
import { createConnectionPool } from './connection-pool.ts'
import { upstreamErrors } from './errors.ts'
import { Exchange, type ExchangeFailure, type ExchangeHost } from './exchange.ts'
import type { HeaderRules } from './headers.ts'
import type { OutgoingRequest } from './signer.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export interface Forwarder {
  /** Resolves when the answer is complete or the client has left; rejects only while nothing has been answered. */
  forward(ctx: RequestContext, response: ServerResponse, request: OutgoingRequest): Promise<void>
  /** Requests given to the upstream or waiting for a connection. */
  inFlight(): number
  /** Cuts what is left. */
  close(): Promise<void>
}

export interface ForwarderOptions {
  readonly upstream: string
  readonly url: UpstreamUrl
  readonly rules: HeaderRules
  readonly limits: Pick<UpstreamConfig, 'timeouts' | 'connections'>
  readonly clock: Clock
  /** Told of each request that the upstream failed, whether or not that could be answered. */
  readonly onFailure: (failure: ExchangeFailure) => void
}

export function createForwarder({ upstream, url, rules, limits, clock, onFailure }: ForwarderOptions): Forwarder {
  const { connections, timeouts } = limits
  const pool = createConnectionPool(url, limits)
  const waiting = new Map<Exchange, () => void>()
  let inFlight = 0

  const host: ExchangeHost = {
    upstream,
    pool,
    rules,
    idleMs: timeouts.idle,
    onOver(exchange, failure) {
      inFlight--
      if (waiting.size > 0) waiting.get(exchange)?.()
      if (failure !== undefined) onFailure(failure)
    },
  }

  /** undici's queue has no end and no patience of its own. */
  const limitWaiting = (exchange: Exchange): void => {
    const cancel = clock.after(timeouts.firstByte, () => exchange.giveUpWaiting(upstreamErrors.busy({ upstream })))
    waiting.set(exchange, () => {
      waiting.delete(exchange)
      cancel()
    })
  }

  return Object.freeze({
    forward(ctx: RequestContext, response: ServerResponse, request: OutgoingRequest) {
      if (inFlight >= connections * 2) return Promise.reject(upstreamErrors.busy({ upstream }))
      const exchange = new Exchange(host, ctx, response, toDispatch(ctx, request))
      inFlight++
      if (inFlight > connections) limitWaiting(exchange)
      return exchange.run()
    },
    inFlight: () => inFlight,
    close: () => pool.destroy(),
  })
}

/** Own framing: a length as it was declared, or chunks; undici writes which, once. */
function toDispatch(ctx: RequestContext, request: OutgoingRequest): Dispatcher.DispatchOptions {
  const { method, target: path, hasBody } = request
  const headers = request.headers as string[]
  if (!hasBody) return { method, path, headers }
  const length = ctx.request.headers['content-length']
  if (length !== undefined) headers.push('content-length', String(Number(length)))
  return { method, path, headers, body: ctx.request }
}
