// The echo service of the demo: shows back what reached it and whose token came along, echoes WebSockets, sends events,
// and serves the page on which to try them. It checks tokens with the keys that the gateway publishes, as any service
// behind it would, and never shows a token whole.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'
import type { Clock } from '#kernel'
import { createEchoSockets } from './echo-sockets.ts'
import { sendEvents } from './event-stream.ts'
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts'
import { type Received, readBody, readHead, show, singleHeader } from './received.ts'
import { sendTryout } from './tryout.ts'

export interface EchoOptions {
  readonly clock: Clock
  /** Where the gateway publishes the keys of its tokens. */
  readonly jwksUrl: URL
}

/** Whose token came with a request, as far as the echo service could verify. */
type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unverified'; readonly because: string }
  | { readonly kind: 'verified'; readonly claims: JWTPayload }

export async function startEcho({ clock, jwksUrl }: EchoOptions): Promise<LoopbackServer> {
  const keys = createRemoteJWKSet(jwksUrl)
  const sockets = createEchoSockets()

  const identify = async (received: Received): Promise<Caller> => {
    const token = /^Bearer (.+)$/.exec(singleHeader(received, 'authorization').value ?? '')?.[1]
    if (token === undefined) return { kind: 'nobody' }
    try {
      const options = { algorithms: ['EdDSA'], currentDate: new Date(clock.now()) }
      return { kind: 'verified', claims: (await jwtVerify(token, keys, options)).payload }
    } catch (error) {
      return { kind: 'unverified', because: error instanceof Error ? error.message : String(error) }
    }
  }

  const request = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = readHead(incoming)
    const path = received.target.split('?')[0] ?? ''
    if (path.startsWith('/tryout/')) return sendTryout(path, response)
    const body = await readBody(incoming)
    if (path === '/events') return sendEvents(clock, received.target, response)
    const caller = await identify(received)
    const masked = withoutTokens(received)
    show(incoming, response, {
      service: 'Echo service',
      verdict: verdictOn(caller),
      facts: factsOf(caller),
      received: masked,
      body,
      json: { ...masked, body, caller },
    })
  }

  const upgrade = async (incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const received = readHead(incoming)
    const caller = await identify(received)
    sockets.accept(incoming, socket, head, { ...withoutTokens(received), caller })
  }

  const server = await startLoopbackServer({ request, upgrade })
  const close = async (): Promise<void> => {
    sockets.close()
    await server.close()
  }
  return Object.freeze({ url: server.url, close })
}

const verdictOn = (caller: Caller): string => {
  if (caller.kind === 'nobody') return 'Called by nobody in particular'
  return caller.kind === 'verified' ? `Called by ${nameIn(caller.claims)}` : 'Called with a token that does not verify'
}

const nameIn = ({ preferred_username: username, sub }: JWTPayload): string =>
  typeof username === 'string' ? username : (sub ?? '?')

const factsOf = (caller: Caller): Readonly<Record<string, string>> => {
  if (caller.kind === 'nobody') return {}
  if (caller.kind === 'unverified') return { Because: caller.because }
  return Object.fromEntries(
    Object.entries(caller.claims).map(([name, value]) => [`Claim ${name}`, JSON.stringify(value)]),
  )
}

/** What follows the scheme in Authorization is a credential: of a JWT the readable parts stay, of anything else nothing. */
const withoutTokens = (received: Received): Received => ({
  ...received,
  headers: received.headers.map(([name, value]) => [name, isToken(name) ? maskToken(value) : value] as const),
})

const isToken = (name: string): boolean => name.toLowerCase() === 'authorization'

const maskToken = (value: string): string =>
  value.replace(
    /^(\S+ )((?:[\w-]+\.){2})?.*$/s,
    (_all, scheme: string, readable = '') => `${scheme}${readable}[not shown]`,
  )
