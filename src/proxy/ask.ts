// One request of the gateway's own to a service, such as a login there: to an endpoint like that of any request, but
// bounded as a whole in time and size, because here somebody keeps the answer. No redirect is followed.

import type { Clock } from '#kernel'
import type { Endpoint } from './endpoint.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import { upstreamErrors } from './errors.ts'
import type { AnswerHeaders } from './headers.ts'
import type { OutgoingRequest } from './signer.ts'
import { requestOf } from './undici.ts'
import { isUnreachable, toUpstreamFailure } from './upstream-failure.ts'

export interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query below the base path of the service, with a leading slash. */
  readonly path: string
  /** Lower-case names. Host and framing are added. */
  readonly headers: Readonly<Record<string, string>>
  /** More of them, which depend on where it goes: a signature. Nothing is signed unless here. */
  readonly sign?: (request: Pick<OutgoingRequest, 'method' | 'target' | 'host'>) => Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** For all of it, the waiting for a connection included. Default: `timeouts.firstByte` of the service. */
  readonly limitMs?: number
  /** The longest answer that is read. Default: 1 MiB. */
  readonly maxBytes?: number
}

export interface ServiceAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Buffer
}

export interface AskOptions {
  readonly upstream: string
  readonly pool: EndpointPool
  readonly clock: Clock
  readonly limitMs: number
  readonly onFailure: (error: Error) => void
  /** Told of each request that is sent once more. */
  readonly onRepeat: () => void
}

/** Resolves with any answer, whatever its status. @throws what `upstreamErrors` lists */
export type Ask = (request: ServiceRequest) => Promise<ServiceAnswer>

export function createAsk({ upstream, pool, clock, limitMs, onFailure, onRepeat }: AskOptions): Ask {
  const send = async (endpoint: Endpoint, request: ServiceRequest, given: AbortController): Promise<ServiceAnswer> => {
    const { method, path, body = null, maxBytes = MIB } = request
    const guest = { giveUpWaiting: (reason: Error) => given.abort(reason) }
    endpoint.refuseIfFull()
    endpoint.admit(guest)
    try {
      const { basePath, host } = endpoint.url
      const target = basePath + path.slice(1)
      const headers = { ...request.headers, ...request.sign?.({ method, target, host }) }
      const options = { method, path: target, headers, body, signal: given.signal }
      const answer = await requestOf(endpoint.pool, options)
      const chunks: Buffer[] = []
      let length = 0
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        length += chunk.length
        if (length > maxBytes) throw tooLong(upstream, maxBytes)
        chunks.push(chunk)
      }
      return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }
    } finally {
      endpoint.release(guest)
    }
  }

  const sendTo = async (endpoint: Endpoint, request: ServiceRequest, given: AbortController) => {
    try {
      const answer = await send(endpoint, request, given)
      pool.answered(endpoint, answer.status)
      return answer
    } catch (error) {
      const failure = toUpstreamFailure(upstream, error as Error)
      pool.failed(endpoint, failure)
      throw failure
    }
  }

  const sendSomewhere: Ask = async (request) => {
    const given = new AbortController()
    const cancel = clock.after(request.limitMs ?? limitMs, () => given.abort(upstreamErrors.timeout({ upstream })))
    const first = pool.pick()
    try {
      return await sendTo(first, request, given)
    } catch (error) {
      const second = pool.pick(first)
      // Only what has not been sent: a login may have begun something.
      if (second === first || given.signal.aborted || !isUnreachable(error)) throw error
      onRepeat()
      return await sendTo(second, request, given)
    } finally {
      cancel()
    }
  }

  return async (request) => {
    try {
      return await sendSomewhere(request)
    } catch (error) {
      onFailure(error as Error)
      throw error
    }
  }
}

const MIB = 1024 * 1024

const tooLong = (upstream: string, maxBytes: number): Error =>
  upstreamErrors.badAnswer({ upstream }, { internal: { upstream, reason: `longer than ${maxBytes} bytes` } })
