// The WebSockets of a stand-in: each echoes text as text and bytes as bytes, unless the text is one of
//
//   close:CODE:REASON   closes        terminate   drops the connection without a close frame
//   send:N              sends N bytes ping        pings, and says `pong` when the answer has come
//
// `graphql-transport-ws` is spoken where it is offered; of other subprotocols it chooses the last, so that a gateway which
// merely repeats the first is found out.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerGraphqlMessage, graphqlProtocol } from './graphql-socket.ts'
import type { ReceivedRequest } from './received-request.ts'

export interface RecordedSocket {
  readonly request: ReceivedRequest
  /** Chosen; empty if none was offered. */
  readonly protocol: string
  /** What came, in order. */
  readonly messages: readonly (string | Buffer)[]
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  send(message: string | Buffer): void
  close(code: number, reason?: string): void
  /** Drops the connection without a close frame. */
  terminate(): void
}

export interface Sockets {
  readonly all: readonly RecordedSocket[]
  /** Resolves with the one of that number, counted from 0. */
  at(index: number): Promise<RecordedSocket>
  accept(request: ReceivedRequest, incoming: IncomingMessage, socket: Duplex, rest: Buffer): void
  terminate(): void
}

export function createSockets(): Sockets {
  const all: RecordedSocket[] = []
  let opened = Promise.withResolvers<void>()
  // Far above what a Manager takes: the limit to be seen is the gateway's.
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024, handleProtocols: choose })
  return Object.freeze({
    all,
    async at(index: number) {
      for (;;) {
        const socket = all[index]
        if (socket !== undefined) return socket
        await opened.promise
      }
    },
    accept(request: ReceivedRequest, incoming: IncomingMessage, socket: Duplex, rest: Buffer) {
      server.handleUpgrade(incoming, socket, rest, (webSocket) => {
        all.push(record(request, webSocket))
        opened.resolve()
        opened = Promise.withResolvers()
      })
    },
    terminate() {
      for (const socket of all) socket.terminate()
    },
  })
}

const choose = (offered: ReadonlySet<string>): string | false =>
  offered.has(graphqlProtocol) ? graphqlProtocol : ([...offered].at(-1) ?? false)

function record(request: ReceivedRequest, webSocket: WebSocket): RecordedSocket {
  const messages: (string | Buffer)[] = []
  const closed = Promise.withResolvers<{ code: number; reason: string }>()
  // Messages come as one buffer each.
  webSocket.binaryType = 'nodebuffer'
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }))
  webSocket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? data : data.toString()
    messages.push(message)
    if (webSocket.protocol === graphqlProtocol) answerGraphqlMessage(webSocket, message.toString())
    else answer(webSocket, message)
  })
  return Object.freeze({
    request,
    protocol: webSocket.protocol,
    messages,
    closed: closed.promise,
    send: (message: string | Buffer) => webSocket.send(message),
    close: (code: number, reason?: string) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  })
}

function answer(webSocket: WebSocket, message: string | Buffer): void {
  const [, command, code, reason] =
    typeof message === 'string' ? (/^(close|send|terminate|ping)(?::(\d+))?(?::(.*))?$/.exec(message) ?? []) : []
  if (command === 'close') webSocket.close(Number(code), reason)
  else if (command === 'send') webSocket.send(Buffer.alloc(Number(code), 'x'))
  else if (command === 'terminate') webSocket.terminate()
  else if (command === 'ping') {
    webSocket.once('pong', () => webSocket.send('pong'))
    webSocket.ping()
  } else webSocket.send(message, { binary: typeof message !== 'string' })
}
