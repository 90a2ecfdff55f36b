// How many connections may be open, in all and from one address. What comes beyond is told so, where it can read it, and
// closed before anything is read from it.

import type { Socket } from 'node:net'
import type { Metrics } from '#telemetry'
import { addressKey } from './address-key.ts'

export interface ConnectionLimits {
  /** Called once for each new connection; one that is too many is closed. */
  admit(socket: Socket, isTls: boolean): void
}

export interface ConnectionLimitOptions {
  readonly max: number
  readonly maxPerAddress: number
  /** Proxies in front bring the connections of many people: only the limit of all holds for them. */
  readonly isTrustedProxy: (socket: Socket) => boolean
  readonly metrics: Metrics
}

export function createConnectionLimits(options: ConnectionLimitOptions): ConnectionLimits {
  const { max, maxPerAddress, isTrustedProxy, metrics } = options
  const ofAddress = new Map<string, number>()
  let open = 0
  metrics.gauge({ name: 'connections_open', help: 'Open connections of clients.' }, () => [{ value: open }])
  const refused = metrics.counter({
    name: 'connections_refused_total',
    help: 'Connections closed at once because too many were open, in all or from one address.',
    labels: ['limit'],
  })

  const refuse = (socket: Socket, isTls: boolean, limit: 'all' | 'address'): void => {
    refused.add({ limit })
    socket.on('error', () => {})
    // In clear text this would be no answer to a TLS handshake.
    if (isTls) return void socket.destroy()
    socket.write(TOO_MANY)
    socket.destroySoon()
  }

  const release = (key: string): void => {
    const left = (ofAddress.get(key) ?? 1) - 1
    if (left === 0) ofAddress.delete(key)
    else ofAddress.set(key, left)
  }

  return Object.freeze({
    admit(socket: Socket, isTls: boolean) {
      if (open >= max) return refuse(socket, isTls, 'all')
      const { remoteAddress } = socket
      const key = remoteAddress === undefined || isTrustedProxy(socket) ? undefined : addressKey(remoteAddress)
      if (key !== undefined) {
        const count = ofAddress.get(key) ?? 0
        if (count >= maxPerAddress) return refuse(socket, isTls, 'address')
        ofAddress.set(key, count + 1)
      }
      open += 1
      socket.once('close', () => {
        open -= 1
        if (key !== undefined) release(key)
      })
    },
  })
}

const TOO_MANY = 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'
