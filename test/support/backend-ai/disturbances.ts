// What a test may make a stand-in do instead of answering well. Delays and cuts of the connection itself are the business
// of the fault proxy beside.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ReceivedHead } from './received-request.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

export type Disturbance =
  /** Reads nothing of the body and answers nothing until then; then goes on as usual. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** Closes the connection when the head of the request has come. */
  | { readonly kind: 'hang up' }
  /** Promises a body of a mebibyte, sends so much of it, and closes the connection. */
  | { readonly kind: 'cut off'; readonly afterBytes: number }
  /** Sends bytes as they are, which need not be HTTP, and closes the connection. */
  | { readonly kind: 'say'; readonly bytes: string }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string | string[]>>
      readonly body?: string
    }

/** All requests if nothing is said. */
export interface DisturbedRequests {
  readonly method?: string
  /** Tested on the raw target. */
  readonly target?: RegExp
  /** How often; without end if absent. */
  readonly times?: number
}

export interface Disturbances {
  /** @returns a function that ends it */
  disturb(disturbance: Disturbance, which?: DisturbedRequests): () => void
  /** @returns what is to happen to this request */
  take(head: ReceivedHead): Disturbance | undefined
}

export function createDisturbances(): Disturbances {
  const active = new Set<{ disturbance: Disturbance; which: DisturbedRequests; timesLeft: number }>()
  return Object.freeze({
    disturb(disturbance: Disturbance, which: DisturbedRequests = {}) {
      const entry = { disturbance, which, timesLeft: which.times ?? Number.POSITIVE_INFINITY }
      active.add(entry)
      return () => void active.delete(entry)
    },
    take(head: ReceivedHead) {
      const entry = active.values().find(({ which }) => isMeant(which, head))
      if (entry === undefined) return undefined
      entry.timesLeft -= 1
      if (entry.timesLeft <= 0) active.delete(entry)
      return entry.disturbance
    },
  })
}

const isMeant = ({ method, target }: DisturbedRequests, head: ReceivedHead): boolean =>
  (method === undefined || method === head.method) && (target === undefined || target.test(head.target))

export type Misbehaviour = Exclude<Disturbance, { kind: 'hold' }>

export function misbehave(disturbance: Misbehaviour, response: ServerResponse): void {
  const { socket } = response
  switch (disturbance.kind) {
    case 'hang up':
      return void socket?.destroy()
    case 'say':
      return void socket?.end(disturbance.bytes, 'latin1')
    case 'cut off':
      response.writeHead(200, { 'Content-Length': 1024 * 1024 })
      response.write(Buffer.alloc(disturbance.afterBytes), () => socket?.destroy())
      return
    case 'answer':
      response.writeHead(disturbance.status, disturbance.headers)
      return void response.end(disturbance.body)
  }
}

export function misbehaveOnUpgrade(disturbance: Misbehaviour, socket: Duplex): void {
  switch (disturbance.kind) {
    case 'hang up':
      return void socket.destroy()
    case 'say':
      return void socket.end(disturbance.bytes, 'latin1')
    case 'cut off':
      return void socket.end('HTTP/1.1 101 Switching')
    case 'answer':
      refuseUpgrade(socket, disturbance.status, disturbance.body ?? '')
  }
}
