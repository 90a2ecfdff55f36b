// Tokens for the tests of this folder: made over the API by somebody who has logged in, sent as programs send them.

import { WebSocket } from 'ws'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'

export interface MadeToken {
  readonly id: string
  readonly secret: string
}

/** @throws if it is refused */
export async function makeToken(person: TestClient, origin: string, wanted: object = {}): Promise<MadeToken> {
  const answer = await askForToken(person, origin, wanted)
  if (answer.status !== 201) throw new Error(`no token: ${answer.status} ${answer.text}`)
  const { token, secret } = answer.json() as { token: { id: string }; secret: string }
  return { id: token.id, secret }
}

export const askForToken = (person: TestClient, origin: string, wanted: object = {}): Promise<TestAnswer> =>
  sendJson(person, origin, '/api/v1/tokens', { name: 'nightly', scopes: ['services', 'self:read'], ...wanted })

export const sendJson = (
  person: TestClient,
  origin: string,
  path: string,
  body: object,
  method = 'POST',
): Promise<TestAnswer> =>
  person.send(path, {
    method,
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

export const bearer = (secret: string): { readonly authorization: string } => ({ authorization: `Bearer ${secret}` })

/** A program with a token and nothing else. */
export function program(url: string, secret: string) {
  const client = createClient(url)
  return {
    get: (path: string, headers = {}) => client.get(path, { ...bearer(secret), ...headers }),
    send: (path: string, method: string, headers = {}, body?: string) =>
      client.send(path, { method, headers: { ...bearer(secret), ...headers }, ...(body !== undefined && { body }) }),
  }
}

/** What came of a WebSocket with this token. */
export interface OpenedSocket {
  readonly socket: WebSocket
  readonly closed: Promise<{ readonly code: number; readonly reason: string; readonly atMs: number }>
}

/** @throws the status where it is refused */
export async function openSocket(url: string, path: string, headers: Record<string, string>): Promise<OpenedSocket> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers })
  const closed = new Promise<Awaited<OpenedSocket['closed']>>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString(), atMs: performance.now() }))
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (request, { statusCode }) => {
      request.destroy()
      reject(new Error(String(statusCode)))
    })
  })
  return { socket, closed }
}

export const codeOf = (answer: TestAnswer): string => `${answer.status} ${(answer.json() as { code: string }).code}`
