// Forwards requests to one upstream: to an endpoint of it, streamed both ways, answered or refused. The hot path of the
// gateway: what can be known beforehand is, and what a request makes is one exchange and two header lists.

import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import { type BodyLimit, checkLength, limitBody } from './body-limit.ts'
import type { Endpoint } from './endpoint.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import { Exchange, type ExchangeFailure, type ExchangeHost, type FailedAttempt } from './exchange.ts'
import type { HeaderRules } from './headers.ts'
import type { InsteadBody } from './instead.ts'
import type { ServiceConfig } from './service-config.ts'
import type { OutgoingRequest } from './signer.ts'
import { isReset, toUpstreamFailure } from './upstream-failure.ts'
import type { UpstreamUrl } from './upstream-url.ts'

export interface Forwarder {
  /** Resolves when the answer is complete or the client has left; rejects only while nothing has been answered. */
  forward(ctx: RequestContext, response: ServerResponse, instead?: InsteadBody): Promise<void>
}

export interface ForwarderOptions {
  readonly upstream: string
  readonly pool: EndpointPool
  readonly rules: HeaderRules
  readonly clock: Clock
  readonly timeouts: Pick<ServiceConfig['timeouts'], 'firstByte' | 'idle'>
  /** The longest body of a request, in bytes. */
  readonly bodyBytes: number | undefined
  /** The request as it will go out to this address, signed. */
  readonly outgoing: (
    ctx: RequestContext,
    url: UpstreamUrl,
    instead?: InsteadBody,
  ) => OutgoingRequest | Promise<OutgoingRequest>
  readonly onHead: ExchangeHost['onHead']
  /** Told of each request that the upstream failed, whether or not that could be answered. */
  readonly onFailure: (failure: ExchangeFailure) => void
  /** Told of each request that is sent once more. */
  readonly onRepeat: () => void
}

type Body = Dispatcher.DispatchOptions['body']

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { upstream, pool, rules, timeouts, bodyBytes, outgoing, onFailure, onRepeat } = options

  const limit: BodyLimit | undefined = bodyBytes === undefined ? undefined : { upstream, bytes: bodyBytes }

  const host: ExchangeHost = {
    upstream,
    rules,
    clock: options.clock,
    firstByteMs: timeouts.firstByte,
    idleMs: timeouts.idle,
    onHead: options.onHead,
    onOver(exchange, failure) {
      const { endpoint } = exchange
      endpoint.release(exchange)
      if (failure === undefined) return pool.answered(endpoint, exchange.status)
      pool.failed(endpoint, failure.error)
      onFailure(failure)
    },
    onRepeatable: (exchange, attempt) => void repeat(exchange, attempt),
  }

  const bodyOf = (ctx: RequestContext, { hasBody }: OutgoingRequest, instead: InsteadBody | undefined): Body => {
    if (!hasBody) return undefined
    if (instead === undefined) return limitBody(ctx.request, limit)
    checkLength(instead.body, limit)
    return instead.body
  }

  const send = (
    endpoint: Endpoint,
    ctx: RequestContext,
    response: ServerResponse,
    request: OutgoingRequest,
    instead: InsteadBody | undefined,
  ) => {
    endpoint.refuseIfFull()
    const body = bodyOf(ctx, request, instead)
    const exchange = new Exchange(host, endpoint, ctx, response, toDispatch(ctx, request, body), instead)
    endpoint.admit(exchange)
    return exchange.run()
  }

  /** What was signed for one endpoint is not valid at another. */
  const repeat = async (exchange: Exchange, { ctx, body, error, isUnsent }: FailedAttempt): Promise<void> => {
    // Connections of the pool that died together with this one are told of in the same turn of the event loop.
    await nextTurn()
    const from = exchange.endpoint
    const to = pool.pick(from)
    // What could not be reached a moment ago still cannot; a connection that died in the pool says nothing of the next.
    const isUnreachable = isUnsent && !isReset(error)
    if (to === from && (isUnreachable || from.hasLeft)) return exchange.fail(error)
    pool.failed(from, toUpstreamFailure(upstream, error))
    try {
      const request = await outgoing(ctx, to.url, exchange.instead)
      if (exchange.isOver) return
      if (to.hasLeft) return exchange.fail(error)
      if (to !== from) to.refuseIfFull()
      from.release(exchange)
      to.admit(exchange)
      onRepeat()
      exchange.sendAgain(to, toDispatch(ctx, request, body))
    } catch (refusal) {
      exchange.fail(refusal as Error)
    }
  }

  const forward = (ctx: RequestContext, response: ServerResponse, instead?: InsteadBody): Promise<void> => {
    try {
      const endpoint = pool.pick()
      const request = outgoing(ctx, endpoint.url, instead)
      if (!(request instanceof Promise)) return send(endpoint, ctx, response, request, instead)
      return request.then((ready) =>
        endpoint.hasLeft ? forward(ctx, response, instead) : send(endpoint, ctx, response, ready, instead),
      )
    } catch (error) {
      return Promise.reject(error)
    }
  }

  return Object.freeze({ forward })
}

/** Own framing: a length as it was declared, or chunks; undici writes which, once. */
function toDispatch(ctx: RequestContext, request: OutgoingRequest, body: Body): Dispatcher.DispatchOptions {
  const { method, target: path } = request
  const headers = request.headers as string[]
  if (body === undefined) return { method, path, headers }
  const length = Buffer.isBuffer(body) ? body.length : ctx.request.headers['content-length']
  if (length !== undefined) headers.push('content-length', String(Number(length)))
  return { method, path, headers, body }
}
