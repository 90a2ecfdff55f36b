// Builds the context of a request. One class with every field set in the constructor, because a proxied request
// should cost little: what most requests never ask for (log, nonce, abort signal) is made when first asked.

import type { IncomingMessage } from 'node:http'
import { type GatewayError, newId, randomToken } from '#kernel'
import type { Logger } from '#telemetry'
import type { AppHost } from './app-hosts.ts'
import type { ClientFacts, RequestContext, RouteClass } from './context.ts'
import type { SetCookie } from './cookie.ts'
import type { Mount, Route } from './route.ts'
import type { Target } from './target.ts'

const UNKNOWN_CLIENT: ClientFacts = Object.freeze({ address: 'unknown', protocol: 'http', viaTrustedProxy: false })

export class EdgeContext implements RequestContext {
  readonly id = newId()
  readonly request: IncomingMessage
  readonly method: string
  readonly target: Target
  readonly appHost: AppHost | undefined
  readonly isUpgrade: boolean
  readonly startedAtMs: number
  /** Why the message itself is refused; raised by the step `canonicalTarget`. */
  readonly fault: GatewayError | undefined
  readonly listenerIsTls: boolean
  routeClass: RouteClass = 'public'
  route: Route | undefined = undefined
  mount: Mount | undefined = undefined
  pattern = 'none'
  client: ClientFacts = UNKNOWN_CLIENT
  userId: string | undefined = undefined
  readonly responseCookies: SetCookie[] = []
  readonly responseHeaders = new Map<string, string>()
  #log: Logger | undefined = undefined
  #nonce: string | undefined = undefined
  #abort: AbortController | undefined = undefined
  #isAborted = false
  readonly #baseLog: Logger

  constructor(init: {
    readonly request: IncomingMessage
    readonly target: Target
    readonly appHost: AppHost | undefined
    readonly isUpgrade: boolean
    readonly startedAtMs: number
    readonly fault: GatewayError | undefined
    readonly listenerIsTls: boolean
    readonly log: Logger
  }) {
    this.request = init.request
    this.method = init.request.method ?? 'GET'
    this.target = init.target
    this.appHost = init.appHost
    this.isUpgrade = init.isUpgrade
    this.startedAtMs = init.startedAtMs
    this.fault = init.fault
    this.listenerIsTls = init.listenerIsTls
    this.#baseLog = init.log
  }

  get wantsPage(): boolean {
    if (this.method !== 'GET' && this.method !== 'HEAD') return this.#postedByForm
    const mode = this.request.headers['sec-fetch-mode']
    return mode === undefined ? (this.request.headers.accept?.includes('text/html') ?? false) : mode === 'navigate'
  }

  get #postedByForm(): boolean {
    return (
      this.request.headers['sec-fetch-mode'] === 'navigate' || this.routeClass === 'page' || this.routeClass === 'auth'
    )
  }

  get log(): Logger {
    this.#log ??= this.#baseLog.child({ request_id: this.id })
    return this.userId === undefined ? this.#log : this.#log.child({ user_id: this.userId })
  }

  get cspNonce(): string {
    this.#nonce ??= randomToken(16)
    return this.#nonce
  }

  get aborted(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#isAborted) this.#abort.abort()
    }
    return this.#abort.signal
  }

  /** Called by the edge when the client went away before the answer was complete. */
  abort(): void {
    this.#isAborted = true
    this.#abort?.abort()
  }
}
