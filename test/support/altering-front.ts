// Stands before a provider's addresses for programs and alters what they answer, case by case.

import { type IncomingMessage, request as sendRequest } from 'node:http'
import { listen, readBody } from './oidc-provider.ts'
import { RawAnswer } from './tampering-provider.ts'

/** By path: gets what is true and returns what is sent instead; what is no `RawAnswer` or text is sent as JSON. */
export type Alterations = Readonly<Record<string, (body: Record<string, unknown>, request: IncomingMessage) => unknown>>

export interface AlteringFront {
  /** Without a slash at the end. */
  readonly url: string
  alter(alterations: Alterations): void
  close(): Promise<void>
}

export async function startAlteringFront(peer: string): Promise<AlteringFront> {
  const server = await listen()
  let alterations: Alterations = {}

  server.serve((request, response) => {
    const answer = async (): Promise<void> => {
      const { pathname } = new URL(request.url ?? '/', peer)
      const inner = await forward(`${peer}${request.url}`, request, await readBody(request))
      const body = await readBody(inner)
      const alter = inner.statusCode === 200 ? alterations[pathname] : undefined
      if (alter === undefined) {
        response.writeHead(inner.statusCode ?? 500, inner.rawHeaders)
        response.end(body)
        return
      }
      const altered = alter(JSON.parse(body.toString()) as Record<string, unknown>, request)
      const { status, headers, body: sent, hangs } = altered instanceof RawAnswer ? altered : toAnswer(altered)
      if (hangs) return
      response.writeHead(status, headers)
      response.end(sent)
    }
    answer().catch(() => response.destroy())
  })

  return Object.freeze({
    url: server.url,
    alter: (next: Alterations) => {
      alterations = next
    },
    close: server.close,
  })
}

const toAnswer = (value: unknown): RawAnswer =>
  new RawAnswer(200, { 'content-type': 'application/json' }, typeof value === 'string' ? value : JSON.stringify(value))

const forward = (url: string, { method, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const inner = sendRequest(url, { method, headers }, resolve)
    inner.on('error', reject)
    inner.end(body)
  })
