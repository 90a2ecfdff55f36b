// Signs for who is logged in, and forwards; as it comes, since some answers have no end.

import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Manager } from '../../index.ts'
import { signedHeaders } from '../../signed-client.ts'
import type { Login } from './sessions.ts'

export interface ForwardedRequest {
  readonly method: string
  readonly target: string
  readonly contentType: string | undefined
  readonly body: string
}

export async function forward(
  manager: Manager,
  login: Login | undefined,
  { method, target, contentType = 'text/plain', body }: ForwardedRequest,
  response: ServerResponse,
): Promise<void> {
  const person = manager.accounts.find(({ accessKey }) => accessKey === login?.access_key)
  const headers = { 'content-type': contentType }
  const left = new AbortController()
  response.once('close', () => left.abort())
  const answer = await fetch(manager.url + target, {
    method,
    redirect: 'manual',
    signal: left.signal,
    ...(method !== 'GET' && { body }),
    headers: {
      ...headers,
      ...(person && signedHeaders(person, new URL(manager.url).host, target, { method, headers })),
    },
  })
  const passed = ['content-type', 'location'].map((name) => [name, answer.headers.get(name)] as const)
  response.writeHead(
    answer.status,
    Object.fromEntries(passed.filter(([, value]) => value !== null)) as Record<string, string>,
  )
  // Whoever leaves an event stream does so in the middle.
  if (answer.body) await pipeline(answer.body, response).catch(() => {})
  else response.end()
}
