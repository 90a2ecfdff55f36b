// The WebSockets of the demo's services: each says first what reached it, then echoes every message, text as text and bytes
// as bytes. The message `/close CODE REASON` makes it close, to show that codes arrive on the other side.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

export interface EchoSockets {
  /** Completes the handshake and echoes. @param greeting the first message. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, greeting: unknown): void
  close(): void
}

export function createEchoSockets(): EchoSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024 })
  return Object.freeze({
    accept(request: IncomingMessage, socket: Duplex, head: Buffer, greeting: unknown) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        // Messages come as one buffer each.
        webSocket.binaryType = 'nodebuffer'
        webSocket.on('error', () => webSocket.terminate())
        webSocket.on('message', (data: Buffer, isBinary) => echo(webSocket, data, isBinary))
        webSocket.send(JSON.stringify(greeting))
      })
    },
    close() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  })
}

function echo(webSocket: WebSocket, data: Buffer, isBinary: boolean): void {
  const command = isBinary ? null : /^\/close (\d{4}) ?(.*)$/.exec(data.toString())
  if (command === null) webSocket.send(data, { binary: isBinary })
  else webSocket.close(Number(command[1]), command[2])
}
