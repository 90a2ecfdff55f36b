// Many WebSockets through a gateway, as cheap for this process as can be.

import { once } from 'node:events'
import { frame, handshakeRequest, openRaw, type RawSocket } from '../support/raw-web-socket.ts'

/** As many at once as a listening queue takes. */
const AT_ONCE = 100

/** @throws unless every one is accepted */
export async function openTunnels(port: number, count: number, path = '/api/socket'): Promise<RawSocket[]> {
  const opened: RawSocket[] = []
  while (opened.length < count) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - opened.length) }, () =>
      openRaw(port, handshakeRequest(port, {}, `GET ${path} HTTP/1.1`)),
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
