// A request context for unit tests of steps, handlers and mounts: plain facts, no edge behind it.

import type { IncomingMessage } from 'node:http'
import type { RequestContext, Target } from '#http'
import type { Logger } from '#telemetry'

export interface FakeContextInit extends Partial<Omit<RequestContext, 'target' | 'request'>> {
  /** Path and query below the base path. */
  readonly target?: string
  /** A real message, or those of its fields that the test needs. */
  readonly request?: Partial<IncomingMessage>
}

/**
 * Everything has a harmless default; what the test is about is given.
 *
 * @example createFakeContext({ target: '/api/x?y=1', method: 'POST' })
 */
export function createFakeContext({ target = '/', request = {}, ...facts }: FakeContextInit = {}): RequestContext {
  return {
    id: 'request-1',
    routeClass: 'proxied',
    request: {
      headers: {},
      rawHeaders: [],
      socket: {},
      httpVersion: '1.1',
      complete: true,
      ...request,
    } as IncomingMessage,
    method: 'GET',
    target: splitTarget(target),
    appHost: undefined,
    route: undefined,
    mount: undefined,
    pattern: 'none',
    isUpgrade: false,
    wantsPage: false,
    client: { address: '192.0.2.7', protocol: 'https', viaTrustedProxy: false },
    userId: undefined,
    cspNonce: 'nonce',
    log: silentLog,
    responseCookies: [],
    responseHeaders: new Map(),
    aborted: new AbortController().signal,
    ...facts,
  }
}

/** Takes every event and keeps none. */
export const silentLog: Logger = Object.freeze({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
})

const splitTarget = (raw: string): Target => {
  const mark = raw.indexOf('?')
  return mark === -1 ? { raw, path: raw, query: '' } : { raw, path: raw.slice(0, mark), query: raw.slice(mark) }
}
