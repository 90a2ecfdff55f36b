// One of the places where an upstream is: its address, its connections, and the requests that it has or that wait for
// it. Bounded: what is too much for it waits for a while, and what is far too much is refused. One that leaves gets
// nothing new, finishes what it has, and says to its WebSockets that it goes.

import type { Dispatcher } from 'undici'
import type { Clock } from '#kernel'
import type { Candidate } from './balancer.ts'
import { createConnectionPool } from './connection-pool.ts'
import type { EndpointConfig } from './endpoints-config.ts'
import { upstreamErrors } from './errors.ts'
import { lookUpService } from './service-address.ts'
import type { ServiceConfig } from './service-config.ts'
import { parseUpstreamUrl, type UpstreamUrl } from './upstream-url.ts'

/** What an endpoint knows of a request. */
export interface Guest {
  /** Ends it, if it has not been sent. */
  giveUpWaiting(reason: Error): void
}

export interface EndpointOptions {
  readonly upstream: string
  readonly config: Pick<ServiceConfig, 'timeouts' | 'connections' | 'tls'>
  readonly clock: Clock
}

export class Endpoint implements Candidate {
  readonly url: UpstreamUrl
  weight: number
  readonly pool: Dispatcher
  turn = 0
  /** Open WebSockets. */
  tunnels = 0
  readonly #upstream: string
  readonly #connections: number
  readonly #patienceMs: number
  readonly #clock: Clock
  readonly #waiting = new Map<Guest, () => void>()
  readonly #leaveListeners = new Set<() => void>()
  #requests = 0
  #hasLeft = false

  constructor({ url, weight, isAnnounced }: EndpointConfig, { upstream, config, clock }: EndpointOptions) {
    const { tls, timeouts } = config
    this.url = isAnnounced ? { ...parseUpstreamUrl(url), lookup: lookUpService } : parseUpstreamUrl(url)
    this.weight = weight
    this.pool = createConnectionPool({ url: this.url, tls, connectMs: timeouts.connect, clock }, config)
    this.#upstream = upstream
    this.#connections = config.connections
    this.#patienceMs = timeouts.firstByte
    this.#clock = clock
  }

  /** Requests that it has, or that wait for a connection to it. */
  get requests(): number {
    return this.#requests
  }

  get load(): number {
    return this.#requests + this.tunnels
  }

  /** Whether a request would not have to wait. */
  get hasRoom(): boolean {
    return this.#requests < this.#connections
  }

  /** Whether it is not to get anything any more. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** Calls the listener when it leaves, at once if it has. Returns a function that forgets the listener. */
  whenLeaving(listener: () => void): () => void {
    if (this.#hasLeft) listener()
    else this.#leaveListeners.add(listener)
    return () => void this.#leaveListeners.delete(listener)
  }

  /** Resolves when what it had is done and its connections are closed. */
  leave(): Promise<void> {
    this.#hasLeft = true
    for (const listener of this.#leaveListeners) listener()
    this.#leaveListeners.clear()
    return this.pool.close()
  }

  /** @throws upstream.busy if as many wait for it as it has. */
  refuseIfFull(): void {
    if (this.#requests >= this.#connections * 2) throw upstreamErrors.busy({ upstream: this.#upstream })
  }

  admit(guest: Guest): void {
    this.#requests++
    if (this.#requests > this.#connections) this.#limitWaiting(guest)
  }

  release(guest: Guest): void {
    this.#requests--
    if (this.#waiting.size > 0) this.#waiting.get(guest)?.()
  }

  /** undici's queue has no end and no patience of its own. */
  #limitWaiting(guest: Guest): void {
    const upstream = this.#upstream
    const cancel = this.#clock.after(this.#patienceMs, () => guest.giveUpWaiting(upstreamErrors.busy({ upstream })))
    this.#waiting.set(guest, () => {
      this.#waiting.delete(guest)
      cancel()
    })
  }
}
