// A stand-in for a Backend.AI Manager, for the demo and for tests: gives out keypairs, checks how each request is
// signed, and shows back exactly what reached it. Loopback only; it pretends, and must never stand before real work.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '#kernel'
import type { DemoAccount } from './accounts.ts'
import { createEchoSockets } from './echo-sockets.ts'
import { sendEvents } from './event-stream.ts'
import { type LoopbackServer, refuseUpgrade, startLoopbackServer } from './loopback-server.ts'
import { answerAuthorize } from './manager/authorize.ts'
import { createKeypairs } from './manager/keypairs.ts'
import { problemOf, sendProblem, statusOf } from './manager/problem.ts'
import { type Verification, verify } from './manager/verify.ts'
import { type Received, type ReceivedBody, readBody, readHead, sendJson, show, singleHeader } from './received.ts'

export interface ManagerOptions {
  readonly accounts: readonly DemoAccount[]
  readonly clock: Clock
  /** For tests that must recognise the keys of their run. */
  readonly newSecretKey?: () => string
}

/** What the Manager stand-in answers to a request that it found signed. */
export interface ManagerRecord extends Received {
  readonly body: ReceivedBody
  readonly verification: Verification
}

export async function startManager({ accounts, clock, newSecretKey }: ManagerOptions): Promise<LoopbackServer> {
  const keypairs = createKeypairs(accounts, newSecretKey)
  const sockets = createEchoSockets()
  const check = (received: Received): Verification =>
    verify(received, { findKeypair: keypairs.findByAccessKey, nowMs: clock.now() })

  const request = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = readHead(incoming)
    const path = received.target.split('?')[0]
    if (isVersionQuery(received)) return sendJson(response, 200, versions)
    if (path === '/auth/authorize' && received.method === 'POST') return answerAuthorize(keypairs, incoming, response)
    const verification = check(received)
    const body = await readBody(incoming)
    if (!verification.verified) return sendProblem(response, verification)
    if (path === '/events') return sendEvents(clock, received.target, response)
    return showRequest(incoming, response, { ...received, body, verification })
  }

  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const received = readHead(incoming)
    const verification = check(received)
    if (!verification.verified) refuseUpgrade(socket, statusOf(verification), problemOf(verification))
    else if (received.target.startsWith('/stream/'))
      sockets.accept(incoming, socket, head, { ...received, verification })
    else refuseUpgrade(socket, 404, problemOf({ type: 'generic-not-found', because: 'WebSockets are below /stream/.' }))
  }

  const server = await startLoopbackServer({ request, upgrade })
  const close = async (): Promise<void> => {
    sockets.close()
    await server.close()
  }
  return Object.freeze({ url: server.url, close })
}

/** Anybody may ask for the version; a signed request for the same address is shown like any other. */
const isVersionQuery = (received: Received): boolean =>
  received.method === 'GET' && received.target === '/' && singleHeader(received, 'authorization').value === undefined

const versions = { version: 'v9.20250722', manager: '26.2.5' }

function showRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  record: ManagerRecord & { verification: { verified: true } },
): void {
  const { verification, body, ...received } = record
  show(incoming, response, {
    service: 'Manager stand-in',
    verdict: `Signed as ${verification.username}`,
    facts: {
      'Verified by': verification.by === 'hmac' ? 'HMAC-SHA256 in Authorization' : 'JWT in X-BackendAI-Token',
      'Access key': verification.accessKey,
    },
    received,
    body,
    ...(verification.signedString !== undefined && { signed: verification.signedString }),
    json: record,
  })
}
