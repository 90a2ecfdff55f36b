// A browser of the lab: keeps cookies, says where its requests come from, sends targets as they are spelled.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type Answer, ask, type Sent } from '../support/backend-ai/index.ts'

export interface LabClient {
  /** @param target as it is to stand on the request line */
  ask(target: string, request?: LabRequest): Promise<Answer>
  /** Resolves when it is open. @throws LabRefusal if there is none */
  open(target: string, options?: LabSocketOptions): Promise<LabSocket>
  /** By name. */
  readonly cookies: Map<string, string>
  /** What goes with every request unless the request says otherwise. */
  readonly headers: Readonly<Record<string, string>>
}

export interface LabRequest extends Pick<Sent, 'method' | 'body'> {
  /** One of `undefined` is left out. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
}

export interface LabSocketOptions {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

export interface LabSocket {
  readonly socket: WebSocket
  /** Chosen; empty if none was. */
  readonly protocol: string
  send(message: string | Buffer): void
  /** Resolves with what comes next: text as text, bytes as bytes. */
  next(): Promise<string | Buffer>
  close(code: number, reason?: string): void
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

/** A WebSocket that was answered with something else. */
export class LabRefusal extends Error {
  readonly status: number
  readonly body: string
  constructor(status: number, body: string) {
    super(`refused with ${status}: ${body}`)
    this.status = status
    this.body = body
  }
}

export function createLabClient(gatewayUrl: string): LabClient {
  const cookies = new Map<string, string>()
  const { origin } = new URL(gatewayUrl)
  const headersNow = (): Record<string, string> => ({
    origin,
    ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
  })
  return {
    cookies,
    get headers() {
      return headersNow()
    },
    async ask(target, { headers = {}, ...request } = {}) {
      const all = Object.entries({ ...headersNow(), ...headers }).filter(([, value]) => value !== undefined)
      const sent = { ...request, headers: Object.fromEntries(all) as Record<string, string | string[]> }
      const answer = await ask(gatewayUrl + target, sent)
      for (const line of answer.headers['set-cookie'] ?? []) keepCookie(cookies, line)
      return answer
    },
    async open(target, { protocols = [], headers = {} } = {}) {
      const socket = new WebSocket(gatewayUrl.replace(/^http/, 'ws') + target, [...protocols], {
        headers: { ...headersNow(), ...headers },
      })
      return opened(socket)
    },
  }
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
  if (/;\s*max-age=0\b/i.test(line)) cookies.delete(name)
  else cookies.set(name, value)
}

async function opened(socket: WebSocket): Promise<LabSocket> {
  const refused = Promise.withResolvers<never>()
  socket.once('unexpected-response', (_request, response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('close', () => {
      socket.terminate()
      refused.reject(new LabRefusal(response.statusCode ?? 0, Buffer.concat(chunks).toString()))
    })
  })
  socket.on('error', (error) => refused.reject(error))
  const closed = Promise.withResolvers<{ code: number; reason: string }>()
  const waiting: ((message: string | Buffer) => void)[] = []
  const received: (string | Buffer)[] = []
  socket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }))
  socket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? data : data.toString()
    const take = waiting.shift()
    if (take === undefined) received.push(message)
    else take(message)
  })
  await Promise.race([once(socket, 'open'), refused.promise])
  return {
    socket,
    protocol: socket.protocol,
    send: (message) => socket.send(message),
    next: async () => received.shift() ?? new Promise((resolve) => void waiting.push(resolve)),
    close: (code, reason) => socket.close(code, reason),
    closed: closed.promise,
  }
}
