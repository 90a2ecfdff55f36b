// What a request is to the steps and handlers: facts about it, a log that carries them, and what to add to the answer.
// Built by the edge once per HTTP request or WebSocket upgrade; never kept beyond it.

import type { IncomingMessage } from 'node:http'
import type { Logger } from '#telemetry'
import type { AppHost } from './app-hosts.ts'
import type { SetCookie } from './cookie.ts'
import type { Mount, Route } from './route.ts'
import type { Target } from './target.ts'

/** The columns of the pipeline (`src/pipeline.ts`). */
export type RouteClass = 'page' | 'auth' | 'api' | 'proxied' | 'socket' | 'callback' | 'verify' | 'public'

export interface RequestContext {
  /** Random; in the log, in errors and in `X-Request-Id`. */
  readonly id: string
  readonly routeClass: RouteClass
  readonly request: IncomingMessage
  /** Upper case. */
  readonly method: string
  /** The request target below the base path, already found canonical. */
  readonly target: Target
  /** The host of its own that was asked, where nothing of the portal exists; undefined at the portal. */
  readonly appHost: AppHost | undefined
  /** What answers: one of our own routes, or a mounted upstream or site; neither means 404. */
  readonly route: Route | undefined
  readonly mount: Mount | undefined
  /** The pattern for metrics and logs: `/api/v1/sessions/:ref`, `/api/manager/*`. */
  readonly pattern: string
  /** True for an upgrade request. */
  readonly isUpgrade: boolean
  /** True if a person's browser asks for a page (GET, `Sec-Fetch-Mode: navigate` or `Accept: text/html`). */
  readonly wantsPage: boolean
  /** Who asks, after trusted proxies were taken into account. */
  client: ClientFacts
  /** Gatehouse's user id once known; for logs and audit. */
  userId: string | undefined
  /** For scripts and styles of a page of ours, in its Content-Security-Policy. */
  readonly cspNonce: string
  readonly log: Logger
  /** Added to the answer, whoever writes it. */
  readonly responseCookies: SetCookie[]
  readonly responseHeaders: Map<string, string>
  /** Aborted when the client goes away before the answer is complete. */
  readonly aborted: AbortSignal
}

export interface ClientFacts {
  /** The client's address: the socket's, or what a trusted proxy says. `unix` for a local socket. */
  readonly address: string
  readonly protocol: 'http' | 'https'
  /** Whether the peer of the socket is a trusted proxy. */
  readonly viaTrustedProxy: boolean
}

/** A typed slot on the context: how a step hands what it found to later steps without `http` knowing the type. */
export interface Fact<T> {
  get(ctx: RequestContext): T | undefined
  set(ctx: RequestContext, value: T | undefined): void
}

/**
 * Declares a slot.
 *
 * @example const currentSession = defineFact<ActiveSession>('session')
 */
export function defineFact<T>(name: string): Fact<T> {
  const slot: unique symbol = Symbol(name)
  type Slotted = RequestContext & { [slot]?: T | undefined }
  return Object.freeze({
    get: (ctx: RequestContext) => (ctx as Slotted)[slot],
    set: (ctx: RequestContext, value: T | undefined) => {
      const slotted: Slotted = ctx
      slotted[slot] = value
    },
  })
}
