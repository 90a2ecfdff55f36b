// A plain HTTP server on a loopback address and a port of its own, as every service of the demo uses it.

import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export interface LoopbackServer {
  /** Without a trailing slash. */
  readonly url: string
  close(): Promise<void>
}

export interface LoopbackHandlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void | Promise<void>
}

export async function startLoopbackServer({ request, upgrade }: LoopbackHandlers): Promise<LoopbackServer> {
  const server = createServer((incoming, response) => {
    request(incoming, response).catch(() => response.destroy())
  })
  server.on('upgrade', (incoming, socket, head) => {
    socket.on('error', () => socket.destroy())
    Promise.resolve(upgrade(incoming, socket, head)).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, resolve)
  })
  const { port } = server.address() as AddressInfo
  return Object.freeze({
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** Refuses an upgrade with a plain HTTP answer. */
export function refuseUpgrade(socket: Duplex, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n`
  socket.end(head + text)
}
