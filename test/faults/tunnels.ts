// Many WebSockets through a gateway, as cheap for this process as can be.

import { once } from 'node:events'
import { frame, handshakeRequest, openRaw, type RawSocket, readClose } from '../support/raw-web-socket.ts'

/** As many at once as a listening queue takes. */
const AT_ONCE = 100

export interface TunnelTarget {
  readonly path?: string
  /** Where the port is not the one that people open. */
  readonly host?: string
}

/** @throws unless every one is accepted */
export async function openTunnels(
  port: number,
  count: number,
  { path = '/api/socket', host = `127.0.0.1:${port}` }: TunnelTarget = {},
): Promise<RawSocket[]> {
  const opened: RawSocket[] = []
  while (opened.length < count) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - opened.length) }, () =>
      openRaw(port, handshakeRequest(port, { Host: host }, `GET ${path} HTTP/1.1`)),
    )
    for (const tunnel of await Promise.all(batch)) {
      if (!tunnel.head.startsWith('HTTP/1.1 101 ')) throw new Error(`a tunnel was refused: ${tunnel.head}`)
      opened.push(tunnel)
    }
  }
  return opened
}

/** @returns how long a message took to the upstream and back, ms */
export async function echo(tunnel: RawSocket): Promise<number> {
  const before = tunnel.bytes().length
  const sentAtMs = performance.now()
  tunnel.socket.write(frame(1, 'are you there?', { mask: true }))
  await tunnel.until((bytes) => bytes.length > before)
  return performance.now() - sentAtMs
}

/** The code with which the gateway closes it. */
export async function closeCodeOf(tunnel: RawSocket): Promise<number | undefined> {
  const bytes = await tunnel.until((come) => readClose(come) !== undefined)
  tunnel.socket.destroy()
  return readClose(bytes)?.code
}

/** As a client that goes away without a word does. */
export async function closeAll(tunnels: readonly RawSocket[]): Promise<void> {
  await Promise.all(
    tunnels.map(async ({ socket }) => {
      if (socket.closed) return
      socket.destroy()
      await once(socket, 'close')
    }),
  )
}
