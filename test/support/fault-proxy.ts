// A TCP proxy on loopback in front of any server, which can be told at any time to be slow, silent, broken or away.
// Without faults it changes nothing: half-closes and resets pass through as they are.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createFaultyPipe, type Faults } from './fault-proxy-pipe.ts'

export type { Faults } from './fault-proxy-pipe.ts'

export interface FaultsByDirection {
  readonly toServer?: Faults
  readonly toClient?: Faults
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** Clients connected at present. */
  readonly open: number
  /** Clients that have connected so far. */
  readonly accepted: number
  /** Takes the place of what was wrong before, for connections that are open and for those to come. */
  inject(faults: FaultsByDirection): void
  /** Both ways the same; `{}` and nothing is wrong any more. */
  injectBothWays(faults: Faults): void
  /** Cuts what is open with a reset (RST) on both sides. */
  reset(): void
  /** Down: cuts what is open and refuses what comes. */
  refuse(): Promise<void>
  /** Takes connections again, on the same port. */
  accept(): Promise<void>
}

export interface FaultProxyOptions {
  /** Of the server, on loopback. */
  readonly port: number
  /** For jitter: 0 to 1. A seeded one makes a run repeatable. */
  readonly random?: () => number
}

/**
 * @example
 * await using proxy = await startFaultProxy({ port: redis.port })
 * proxy.injectBothWays({ latencyMs: 200 })
 */
export async function startFaultProxy({
  port: serverPort,
  random = Math.random,
}: FaultProxyOptions): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let faults: FaultsByDirection = {}
  let accepted = 0

  const serve = (client: Socket): void => {
    accepted += 1
    const pair = createPair(client, connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true }), random)
    pair.inject(faults)
    pairs.add(pair)
    client.once('close', () => pairs.delete(pair))
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, serve)
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)

  const inject = (wanted: FaultsByDirection): void => {
    faults = wanted
    for (const pair of pairs) pair.inject(wanted)
  }
  const reset = (): void => {
    for (const pair of pairs) pair.reset()
  }
  const refuse = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    reset()
    await closed
  }

  return Object.freeze({
    port,
    get open() {
      return pairs.size
    },
    get accepted() {
      return accepted
    },
    inject,
    injectBothWays: (both: Faults) => inject({ toServer: both, toClient: both }),
    reset,
    refuse,
    async accept() {
      if (!server.listening) await listen(port)
    },
    [Symbol.asyncDispose]: refuse,
  })
}

interface Pair {
  inject(faults: FaultsByDirection): void
  reset(): void
}

function createPair(client: Socket, server: Socket, random: () => number): Pair {
  const toServer = createFaultyPipe(client, server, random)
  const toClient = createFaultyPipe(server, client, random)
  passOnBreaks(client, server)
  passOnBreaks(server, client)
  return {
    inject(faults) {
      toServer.inject(faults.toServer ?? {})
      toClient.inject(faults.toClient ?? {})
    },
    reset() {
      client.resetAndDestroy()
      server.resetAndDestroy()
    },
  }
}

/** What ends without an end (a reset, a refused connection, a cut) ends like that on the other side too. */
function passOnBreaks(from: Socket, to: Socket): void {
  from.setNoDelay(true)
  from.on('error', () => to.resetAndDestroy())
  from.once('close', () => {
    if (!from.readableEnded && !to.destroyed) to.resetAndDestroy()
  })
}
