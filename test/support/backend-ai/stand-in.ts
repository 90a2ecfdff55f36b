// A server of the Backend.AI family on 127.0.0.1: records each request, verifies each proof of identity that it carries, and
// answers by a table of routes. The Manager, the GraphQL router and the pipeline are such tables.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '#kernel'
import type { AccountBook } from './accounts.ts'
import { internalError, notFound, problemType, sendProblem, toProblemBody } from './answers.ts'
import { createDisturbances, type Disturbances, misbehave, misbehaveOnUpgrade } from './disturbances.ts'
import {
  type IncomingBody,
  type ReceivedHead,
  type ReceivedRequest,
  readHead,
  receiveBody,
} from './received-request.ts'
import { refusalOf } from './refusal.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import type { Exchange, Route, SocketRoute } from './route.ts'
import { createSockets, type Sockets } from './sockets.ts'
import { isVerified, verify } from './verification.ts'

export interface StandInOptions {
  /** A free one if absent. */
  readonly port?: number
  /** Everything is below this path: `/mgr`. */
  readonly pathPrefix?: string
  /** The latest so many; all if absent. */
  readonly keepRequests?: number
  /** How much of each body stays in memory; a mebibyte if absent. */
  readonly keepBodyBytes?: number
}

export interface StandInParts {
  readonly accounts: AccountBook
  readonly clock: Clock
  readonly routes: readonly Route[]
  readonly socketRoutes: readonly SocketRoute[]
}

export interface StandIn extends RequestLog, Pick<Disturbances, 'disturb'>, AsyncDisposable {
  /** With the prefix, without a slash at the end: what a gateway is told. */
  readonly url: string
  readonly port: number
  /** The WebSockets that it took, in order. */
  readonly sockets: Sockets['all']
  /** Resolves with the WebSocket of that number, counted from 0. */
  socket: Sockets['at']
  /** How many connections have ever come. */
  accepted(): number
  close(): Promise<void>
}

export async function startStandIn(parts: StandInParts, options: StandInOptions = {}): Promise<StandIn> {
  const { pathPrefix = '', keepRequests = Number.POSITIVE_INFINITY, keepBodyBytes = 1024 * 1024 } = options
  const log = createRequestLog(keepRequests)
  const disturbances = createDisturbances()
  const sockets = createSockets()
  const connections = new WeakMap<Duplex, number>()
  let accepted = 0

  const receive = (incoming: IncomingMessage, isUpgrade: boolean) => {
    const head = readHead(incoming)
    const { findSecretKey } = parts.accounts
    const verification = verify(head, { findSecretKey, nowMs: parts.clock.now() })
    const body = receiveBody(incoming, keepBodyBytes)
    const connection = connections.get(incoming.socket) ?? -1
    const verified = isVerified(verification)
    const request: ReceivedRequest = Object.freeze({ ...head, connection, isUpgrade, verified, verification, body })
    return { request, body, where: splitTarget(head, pathPrefix) }
  }

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { request, body, where } = receive(incoming, false)
    const route =
      where && parts.routes.find((each) => each.methods.includes(request.method) && each.path.test(where.path))
    log.add(request, route?.name ?? 'none')
    const disturbance = disturbances.take(request)
    if (disturbance?.kind === 'hold') await disturbance.until
    else if (disturbance !== undefined) return misbehave(disturbance, response)
    if (where === undefined || route === undefined) return sendProblem(response, notFound())
    await answerByRoute(route, { request, response, ...where }, body)
  }

  const upgrade = async (incoming: IncomingMessage, socket: Duplex, rest: Buffer): Promise<void> => {
    const { request, where } = receive(incoming, true)
    log.add(request, 'WebSocket')
    const disturbance = disturbances.take(request)
    if (disturbance?.kind === 'hold') await disturbance.until
    else if (disturbance !== undefined) return misbehaveOnUpgrade(disturbance, socket)
    const route = where && parts.socketRoutes.find(({ path }) => path.test(where.path))
    const refusal = route === undefined ? notFound() : refusalOf(request, route.access)
    if (refusal === undefined) return sockets.accept(request, incoming, socket, rest)
    refuseUpgrade(socket, refusal.status, JSON.stringify(toProblemBody(refusal)), problemType)
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendProblem(response, internalError(String(error)))
    })
  })
  server.on('connection', (socket) => connections.set(socket, accepted++))
  server.on('upgrade', (incoming, socket, rest) => {
    socket.on('error', () => socket.destroy())
    void upgrade(incoming, socket, rest)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: options.port ?? 0 }, resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = async () => {
    sockets.terminate()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
  return Object.freeze({
    ...log,
    url: `http://127.0.0.1:${port}${pathPrefix}`,
    port,
    sockets: sockets.all,
    socket: sockets.at,
    accepted: () => accepted,
    disturb: disturbances.disturb,
    close,
    [Symbol.asyncDispose]: close,
  })
}

async function answerByRoute(route: Route, exchange: Exchange, body: IncomingBody): Promise<void> {
  const { request, response } = exchange
  const refusal = refusalOf(request, route.access)
  await body.read(refusal === undefined ? route.sink?.(exchange) : undefined)
  if (body.state === 'cut off') return
  if (refusal === undefined) await route.answer(exchange)
  else sendProblem(response, refusal)
}

function splitTarget({ target }: ReceivedHead, prefix: string): Pick<Exchange, 'path' | 'query'> | undefined {
  if (target !== prefix && !target.startsWith(`${prefix}/`)) return undefined
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/.exec(target.slice(prefix.length)) ?? []
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) }
}
