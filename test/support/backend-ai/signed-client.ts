// A well-behaved client of the stand-ins, for their own tests: signs as a webserver would, and sends exactly what it is told.

import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type SignedParts, signatureOf } from '../../../src/cli/demo/manager/hmac.ts'
import type { Person } from './accounts.ts'
import type { Echo } from './echo.ts'

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
  /** Who signs; nobody if absent. */
  readonly as?: Person
  /** Signed instead of what is sent. */
  readonly signInstead?: Partial<SignedParts>
  /** Milliseconds since the epoch; now if absent. */
  readonly nowMs?: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  /** @throws if the body is no JSON */
  json(): Readonly<Record<string, unknown>>
  /** @throws if the body is no JSON */
  echo(): Echo
}

/** @param url of the whole target, sent as it is spelled */
export async function ask(url: string, sent: Sent = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, as } = sent
  const [, host = '', target = ''] = /^http:\/\/([^/]+)(.*)$/.exec(url) ?? []
  const [hostname = '', port = ''] = host.split(':')
  const outgoing = request({
    hostname,
    port,
    method,
    path: target,
    headers: { ...(as && signedHeaders(as, host, target, sent)), ...headers },
    agent: false,
  })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  const bytes = await buffer(response)
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes,
    json: () => JSON.parse(bytes.toString()) as Record<string, unknown>,
    echo: () => JSON.parse(bytes.toString()) as Echo,
  }
}

export function signedHeaders(
  { accessKey, secretKey }: Person,
  host: string,
  target: string,
  { method = 'GET', headers = {}, nowMs = Date.now(), signInstead = {} }: Sent = {},
): Record<string, string> {
  const own = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat()[0]]))
  const parts: SignedParts = {
    method,
    target,
    host,
    date: own.get('date') ?? new Date(nowMs).toISOString(),
    contentType: own.get('content-type'),
    version: own.get('x-backendai-version') ?? 'v9.20250722',
    ...signInstead,
  }
  const credential = `${accessKey}:${signatureOf(parts, secretKey)}`
  return {
    Date: parts.date,
    'X-BackendAI-Version': parts.version,
    Authorization: `BackendAI signMethod=HMAC-SHA256, credential=${credential}`,
  }
}
