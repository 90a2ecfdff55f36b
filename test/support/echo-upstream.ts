// A well-behaved service behind the gateway: shows back what reached it, streams events, and echoes WebSockets.
//
//   any path        JSON of method, target, headers and body
//   /stream         sends the body back as it comes
//   /events         server-sent events, one each time the test calls `emit`
//   any WebSocket   echoes; `close:CODE:REASON` asks it to close; chooses the last subprotocol offered

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

export interface EchoUpstream extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Sends one event to everybody who listens at `/events`. */
  emit(data: string): void
  /** Sockets of the WebSockets that are open. */
  readonly webSockets: ReadonlySet<WebSocket>
  /** The handshakes as they arrived. */
  readonly handshakes: readonly IncomingMessage[]
  /** Resolves with code and reason when the next WebSocket has closed. */
  whenClosed(): Promise<{ readonly code: number; readonly reason: string }>
  close(): Promise<void>
}

export async function startEchoUpstream(): Promise<EchoUpstream> {
  const listeners = new Set<ServerResponse>()
  const handshakes: IncomingMessage[] = []
  let closed = Promise.withResolvers<{ code: number; reason: string }>()
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '/'
    if (path.endsWith('/events')) return listen(listeners, response)
    if (path.endsWith('/stream')) return void request.pipe(response)
    void showBack(request, response)
  })
  const webSockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => [...offered].at(-1) ?? false,
  })
  webSockets.on('connection', (socket, request) => {
    handshakes.push(request)
    socket.on('error', () => socket.terminate())
    socket.on('message', (data, isBinary) => answer(socket, data as Buffer, isBinary))
    socket.on('close', (code, reason) => {
      closed.resolve({ code, reason: reason.toString() })
      closed = Promise.withResolvers()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = async () => {
    for (const socket of webSockets.clients) socket.terminate()
    server.closeAllConnections()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    emit: (data) => {
      for (const response of listeners) response.write(`data: ${data}\n\n`)
    },
    webSockets: webSockets.clients,
    handshakes,
    whenClosed: () => closed.promise,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function listen(listeners: Set<ServerResponse>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.flushHeaders()
  listeners.add(response)
  response.on('close', () => listeners.delete(response))
}

async function showBack(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url: target, headers, rawHeaders } = request
  const body = Buffer.concat(await request.toArray()).toString()
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, target, headers, rawHeaders, body }))
}

function answer(socket: WebSocket, data: Buffer, isBinary: boolean): void {
  const [, code, reason] = isBinary ? [] : (/^close:(\d+):(.*)$/.exec(data.toString()) ?? [])
  if (code === undefined) socket.send(data, { binary: isBinary })
  else socket.close(Number(code), reason)
}
