// The listener for Prometheus: GET /metrics and nothing else, on an address of its own, so that what people reach can
// never show it.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { formatListenAddress, type ListenAddress } from '#config'
import { nodeHttp } from '#kernel'
import type { MetricsRegistry } from './create-metrics.ts'

export interface MetricsListener {
  /** Where it answers; undefined before `open`. */
  readonly url: () => string | undefined
  /** @throws what the system says, with the key to change. */
  open(): Promise<void>
  close(): Promise<void>
}

export interface MetricsListenerOptions {
  readonly address: ListenAddress
  readonly registry: Pick<MetricsRegistry, 'scrape' | 'contentType'>
  /** Told why a scrape failed. */
  readonly onError: (error: unknown) => void
}

export function createMetricsListener({ address, registry, onError }: MetricsListenerOptions): MetricsListener {
  let server: Server | undefined

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // With a slash: as it arrives through an upstream, whose path ends with one.
    if (!/^\/metrics\/?(\?|$)/.test(request.url ?? '')) return void response.writeHead(404).end()
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
    }
    const text = await registry.scrape()
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text)
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      onError(error)
      response.writeHead(500).end()
    })
  }

  return Object.freeze({
    url: () => server && urlOf(server),
    async open() {
      const opening = nodeHttp.createServer(
        { requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 8192 },
        onRequest,
      )
      opening.maxConnections = 64
      await listen(opening, address)
      server = opening
    },
    async close() {
      const closing = server
      server = undefined
      if (closing === undefined) return
      await new Promise<void>((resolve) => {
        closing.close(() => resolve())
        closing.closeAllConnections()
      })
    },
  })
}

function listen(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind !== 'tcp') throw new Error('telemetry.metrics.listen is checked to be HOST:PORT')
  const { host, port } = address
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const advice = 'choose another address in telemetry.metrics.listen, or set telemetry.metrics to false'
      const what = `metrics cannot be offered at ${formatListenAddress(address)}`
      reject(new Error(`${what} (${cause.message}): ${advice}`, { cause }))
    })
    server.listen({ host, port }, resolve)
  })
}

function urlOf(server: Server): string | undefined {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return undefined
  return `http://${formatListenAddress({ kind: 'tcp', host: bound.address, port: bound.port })}/metrics`
}
