// What reached one of the demo's services, word for word, and how it is shown back: as JSON, or as a page for a browser.
// Used by the Manager stand-in and the echo service; it shows requests, so it must stay on loopback.

import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendPage } from './page.ts'

export interface Received {
  readonly method: string
  /** The request target as it stood on the wire. */
  readonly target: string
  /** In order, repeated ones repeated. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface ReceivedBody {
  readonly bytes: number
  readonly sha256: string
}

export const readHead = (request: IncomingMessage): Received => ({
  method: request.method ?? '',
  target: request.url ?? '',
  headers: request.rawHeaders.flatMap((name, index, all) => (index % 2 ? [] : [[name, all[index + 1] ?? ''] as const])),
})

/** Reads the body to its end, keeping only its size and hash. */
export async function readBody(request: IncomingMessage): Promise<ReceivedBody> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/**
 * The value of a header that may stand only once.
 *
 * @returns undefined if absent; `'repeated'` as a flag if it stands more than once, because readers differ on which one counts.
 */
export function singleHeader(received: Received, name: string): { value?: string; repeated: boolean } {
  const values = received.headers.filter(([present]) => present.toLowerCase() === name).map(([, value]) => value)
  return { repeated: values.length > 1, ...(values[0] !== undefined && { value: values[0] }) }
}

/** What a service concluded about a request, in the order in which it should be read. */
export interface Shown {
  readonly service: string
  readonly verdict: string
  readonly facts: Readonly<Record<string, string>>
  readonly received: Received
  readonly body: ReceivedBody
  /** The text under the signature, where there was one. */
  readonly signed?: string
  /** The same for programs; sent as it is when the caller asks for JSON. */
  readonly json: unknown
}

export function show(request: IncomingMessage, response: ServerResponse, shown: Shown): void {
  if (request.headers.accept?.includes('text/html')) sendPage(response, 'received', shown.verdict, { ...shown })
  else sendJson(response, 200, shown.json)
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  contentType = 'application/json',
): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
  response.end(text)
}
