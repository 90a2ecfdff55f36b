// The front door itself: every HTTP request and every upgrade enters here and is given to the door of the moment, which
// runs the steps of its class and answers. Created by `gateway.ts`; a reload replaces the door while requests go on.

import type { IncomingMessage } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Clock, systemClock } from '#kernel'
import type { Logger } from '#telemetry'
import type { AppHosts } from './app-hosts.ts'
import type { RequestContext } from './context.ts'
import type { Door } from './door.ts'
import { EdgeContext } from './edge-context.ts'
import { httpErrors } from './errors.ts'
import { findFramingFault } from './framing.ts'
import {
  type Handlers,
  type Listening,
  type ListenOptions,
  listen,
  renewCertificate,
  type TlsMaterial,
} from './listeners.ts'
import { createOwedAnswers } from './owed-answers.ts'
import type { PublicUrl } from './public-url.ts'
import { isRefusal, parseTarget, type Target } from './target.ts'

export interface EdgeOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly publicUrl: PublicUrl
  readonly hosts: AppHosts
  /** What answers from the start. */
  readonly door: Door
  /** Called once for each finished request and each upgrade that was answered with something else than a tunnel. */
  readonly onFinished: (request: FinishedRequest) => void
}

export interface FinishedRequest {
  readonly ctx: RequestContext
  /** 0 if the client left before an answer. */
  readonly status: number
  readonly durationMs: number
}

export interface CloseOptions {
  readonly deadline: AbortSignal
  /** How long a connection that says nothing is kept, because its next request may be on its way. */
  readonly idleMs: number
}

export interface Edge {
  open(options: ListenOptions): Promise<Listening>
  /** Stops listening, lets requests finish until the deadline, then cuts what is left. */
  close(options: CloseOptions): Promise<void>
  /** Requests being answered. */
  readonly inFlight: () => number
  /** What answers now. */
  readonly door: Door
  /** From now on another door answers. Resolves when the last request of the one before is over. */
  replaceDoor(door: Door): Promise<void>
  /** For new connections. */
  renewCertificate(material: TlsMaterial): void
}

/**
 * Answered as the plain request that it also is. Node's parser drops what came together with it (RFC 9110 §7.8 would have
 * it be of the other protocol), so the connection ends with the answer: the one to the next request would be shifted.
 */
const asksForOtherProtocol = ({ headers: { upgrade, connection = '' } }: IncomingMessage): boolean =>
  upgrade !== undefined && /\bupgrade\b/i.test(connection)

/** A door, and what is under way behind it. */
interface Doorway {
  readonly door: Door
  open: number
  onEmpty: () => void
}

export function createEdge(options: EdgeOptions): Edge {
  const { clock, log, publicUrl } = options
  const hosts = options.hosts.all.length === 0 ? undefined : options.hosts
  let present: Doorway = { door: options.door, open: 0, onEmpty: () => {} }
  let listening: Listening = { servers: [], urls: [] }
  const owed = createOwedAnswers()
  let isClosing = false
  let inFlight = 0
  /** When an answer last ended that did not say that its connection closes. A stop takes real time, as its deadline. */
  let lastUnannouncedMs = Number.NEGATIVE_INFINITY

  const createContext = (request: IncomingMessage, isUpgrade: boolean, listenerIsTls: boolean): EdgeContext => {
    const appHost = hosts?.find(request.headers.host)
    const requested = request.url ?? ''
    const target = parseTarget(appHost === undefined ? publicUrl.belowBase(requested) : requested)
    const framingFault = findFramingFault(request)
    const fault = framingFault ?? (isRefusal(target) ? httpErrors.ambiguousTarget(target) : undefined)
    const startedAtMs = clock.monotonicMs()
    const usable: Target = isRefusal(target) ? NO_TARGET : target
    return new EdgeContext({ request, target: usable, appHost, isUpgrade, startedAtMs, fault, listenerIsTls, log })
  }

  const pathOf = (request: IncomingMessage): string => publicUrl.belowBase(request.url ?? '').split('?', 1)[0] ?? ''

  const leave = (doorway: Doorway): void => {
    doorway.open--
    if (doorway.open === 0) doorway.onEmpty()
  }

  const handleRequest: Handlers['request'] = (request, response, isTls) => {
    const { socket } = request
    const owing = owed.of(socket)
    if (owing.isDoubted) return
    if (owing.answers.size >= MAX_PIPELINED) {
      owing.isDoubted = true
      return void socket.destroy()
    }
    const doorway = present
    const ctx = createContext(request, false, isTls)
    const isAnnounced = isClosing || asksForOtherProtocol(request)
    inFlight++
    doorway.open++
    owing.answers.add(response)
    if (isAnnounced) response.setHeader('connection', 'close')
    response.once('close', () => {
      inFlight--
      leave(doorway)
      owing.answers.delete(response)
      if (!isAnnounced) lastUnannouncedMs = systemClock.monotonicMs()
      if (!response.writableFinished) ctx.abort()
      const status = response.headersSent ? response.statusCode : 0
      options.onFinished({ ctx, status, durationMs: clock.monotonicMs() - ctx.startedAtMs })
    })
    if (ctx.fault !== undefined) {
      // What follows on this connection may be the rest of what was refused: it is not read as a request.
      owing.isDoubted = true
      ctx.responseHeaders.set('connection', 'close')
    }
    doorway.door.request(ctx, response)
  }

  /** What was said last is to be read before the connection goes, but whoever stays must not keep it. */
  const closeSoon = (socket: Duplex): void => {
    socket.resume()
    socket.once(
      'close',
      clock.after(LINGER_MS, () => socket.destroy()),
    )
  }

  const handleUpgrade: Handlers['upgrade'] = (request, socket, head, isTls) => {
    // A peer that resets must not take the process with it; who relays the socket adds listeners of its own.
    socket.on('error', () => socket.destroy())
    // A tunnel would overtake the answers before it, and then carry them.
    if (owed.isBusy(socket)) return void socket.destroy()
    const doorway = present
    const ctx = createContext(request, true, isTls)
    socket.once('close', () => ctx.abort())
    doorway.open++
    void acceptUpgrade(doorway.door, ctx, socket, head)
      .catch((error: unknown) => {
        const status = doorway.door.writer.upgradeError(ctx, socket, error)
        closeSoon(socket)
        options.onFinished({ ctx, status, durationMs: clock.monotonicMs() - ctx.startedAtMs })
      })
      .finally(() => leave(doorway))
  }

  const acceptUpgrade = async (door: Door, ctx: EdgeContext, socket: Duplex, head: Buffer): Promise<void> => {
    const answer = isClosing ? await door.refuseUpgrade(ctx) : await door.upgrade(ctx, socket, head)
    if (answer === undefined) return
    door.writer.upgradeAnswer(ctx, socket, answer)
    closeSoon(socket)
  }

  const handleMalformed: Handlers['malformed'] = (error, socket) => {
    log.debug({ event: 'request_malformed', code: error.code }, 'a message was refused before it was a request')
    if (!socket.writable || error.code === 'ECONNRESET' || owed.hasOther(socket)) return void socket.destroy()
    const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    closeSoon(socket)
  }

  return Object.freeze({
    get door() {
      return present.door
    },
    inFlight: () => inFlight,
    async open(listenOptions: ListenOptions) {
      await present.door.ready()
      listening = await listen(listenOptions, {
        request: handleRequest,
        upgrade: handleUpgrade,
        malformed: handleMalformed,
        isQuestion: (request) =>
          hosts?.find(request.headers.host) === undefined && present.door.isQuestion(pathOf(request)),
      })
      return listening
    },
    replaceDoor(door: Door) {
      const before = present
      present = { door, open: 0, onEmpty: () => {} }
      if (before.open === 0) return Promise.resolve()
      return new Promise<void>((resolve) => {
        before.onEmpty = resolve
      })
    },
    renewCertificate: (material: TlsMaterial) => renewCertificate(listening, material),
    async close({ deadline, idleMs }: CloseOptions) {
      isClosing = true
      const { servers } = listening
      // Node's own `close` of an HTTP server cuts idle connections at once, and ends its limit on the time of a head.
      const closed = servers.map((server) => new Promise((resolve) => NetServer.prototype.close.call(server, resolve)))
      const startedMs = systemClock.monotonicMs()
      const cut = () => {
        for (const server of servers) server.closeAllConnections()
      }
      let quietSinceMs = startedMs
      const sweep = () => {
        const nowMs = systemClock.monotonicMs()
        if (nowMs - Math.max(startedMs, lastUnannouncedMs) >= idleMs) {
          for (const server of servers) server.closeIdleConnections()
        }
        if (inFlight > 0) quietSinceMs = nowMs
        else if (nowMs - quietSinceMs >= Math.max(LAST_HEAD_MS, idleMs)) cut()
      }
      const stopSweeping = systemClock.every(Math.min(SWEEP_MS, idleMs), sweep)
      if (deadline.aborted) cut()
      deadline.addEventListener('abort', cut, { once: true })
      await Promise.all(closed)
      stopSweeping()
      deadline.removeEventListener('abort', cut)
      for (const server of servers) server.close()
    },
  })
}

const SWEEP_MS = 50
/** Requests sent on one connection before the first of them is answered. Browsers send one. */
const MAX_PIPELINED = 100
const LINGER_MS = 2000
/** For the rest of a request's head, once nothing else is being answered and the server is to stop. */
const LAST_HEAD_MS = 500

const NO_TARGET: Target = Object.freeze({ raw: '/', path: '/', query: '' })

const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
}
