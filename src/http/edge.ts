// The front door itself: every HTTP request and every upgrade enters here, runs the steps of its class, and is
// answered by a route, a mount or an error. Created by `gateway.ts`, which hands it everything that hangs on it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import type { Answer } from './answer.ts'
import type { AppHost, AppHosts } from './app-hosts.ts'
import type { RequestContext } from './context.ts'
import { EdgeContext } from './edge-context.ts'
import { httpErrors } from './errors.ts'
import { findFramingFault } from './framing.ts'
import { createHostDoor } from './host-door.ts'
import { type Handlers, type Listening, type ListenOptions, listen } from './listeners.ts'
import { createMountTable } from './mount-table.ts'
import { createOwedAnswers } from './owed-answers.ts'
import type { Pipeline } from './pipeline.ts'
import type { PublicUrl } from './public-url.ts'
import { createReservedPaths } from './reserved-paths.ts'
import type { Mount, Route } from './route.ts'
import { createRouteHost } from './routes-fastify.ts'
import { isRefusal, parseTarget, type Target } from './target.ts'
import type { AnswerWriter } from './write-answer.ts'

export interface EdgeOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly publicUrl: PublicUrl
  readonly hosts: AppHosts
  /** Ours on each of these hosts. */
  readonly hostRoutes: readonly Route[]
  readonly routes: readonly Route[]
  readonly mounts: readonly Mount[]
  readonly pipeline: Pipeline
  readonly writer: AnswerWriter
  readonly bodyBytes: number
  readonly bodyTimeMs: number
  /** Called once for each finished request and each upgrade that was answered with something else than a tunnel. */
  readonly onFinished: (request: FinishedRequest) => void
}

export interface FinishedRequest {
  readonly ctx: RequestContext
  /** 0 if the client left before an answer. */
  readonly status: number
  readonly durationMs: number
}

export interface Edge {
  open(options: ListenOptions): Promise<Listening>
  /** Stops listening, lets requests finish until the deadline, then cuts what is left. */
  close(deadline: AbortSignal): Promise<void>
  /** Requests being answered. */
  readonly inFlight: () => number
  /**
   * What would answer: a route of ours, or the mount with the longest prefix.
   *
   * @param host of its own; the portal if absent
   */
  find(method: string, path: string, host?: AppHost): { readonly route?: Route; readonly mount?: Mount }
  /** All that can answer, for whoever must not miss one. */
  readonly routes: readonly Route[]
  readonly mounts: readonly Mount[]
}

const CONTEXT = Symbol('context')
type WithContext = IncomingMessage & { [CONTEXT]?: EdgeContext }

export function createEdge(options: EdgeOptions): Edge {
  const { clock, log, pipeline, publicUrl, writer } = options
  const hosts = options.hosts.all.length === 0 ? undefined : options.hosts
  const atPortal = options.mounts.filter(({ host }) => host === undefined)
  const mounts = createMountTable(atPortal)
  const reserved = createReservedPaths(options.routes)
  const ownMounts = createMountTable(atPortal.filter(({ prefix }) => reserved.isReserved(prefix)))
  let listening: Listening = { servers: [], urls: [] }
  const doubted = new WeakSet<object>()
  const owed = createOwedAnswers()
  let isClosing = false
  let inFlight = 0

  const mountOf = (path: string): Mount | undefined =>
    reserved.isReserved(path) ? ownMounts.find(ownMounts.lacksSlash(path) ? `${path}/` : path) : mounts.find(path)

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

  const isQuestion = (path: string): boolean => mountOf(path)?.routeClass === 'verify'

  /**
   * What is behind the address, at the portal or on a host of its own. No service answers a proxy in front in our place:
   * its 200 would be a yes.
   */
  const findMount = (appHost: AppHost | undefined, path: string): Mount | undefined =>
    appHost === undefined ? mountOf(path) : isQuestion(path) ? undefined : hostDoor.mountOf(appHost, path)

  const mountFor = ({ appHost, target: { path } }: EdgeContext): Mount | undefined => findMount(appHost, path)

  const lacksSlash = ({ appHost, fault, target: { path } }: EdgeContext): boolean => {
    if (fault !== undefined) return false
    return appHost === undefined
      ? mounts.lacksSlash(path) && !reserved.isReserved(path)
      : hostDoor.lacksSlash(appHost, path)
  }

  const pathOf = (request: IncomingMessage): string => publicUrl.belowBase(request.url ?? '').split('?', 1)[0] ?? ''

  const writeError = (ctx: EdgeContext, response: ServerResponse, error: unknown): void => {
    writer.error(ctx, response, error).catch((failure: unknown) => {
      log.error({ event: 'answer_failed', err: failure, request_id: ctx.id }, 'an error could not be answered')
      response.destroy()
    })
  }

  const serveMount = (ctx: EdgeContext, response: ServerResponse, mount: Mount): void => {
    mount.serve(ctx, response).catch((error: unknown) => writeError(ctx, response, error))
  }

  /** Mounts, and what nothing answers. Runs synchronously as far as the steps do: this is the hot path. */
  const handleOther = (ctx: EdgeContext, response: ServerResponse): void => {
    // People leave the slash out; what they get is the service, not the site around it.
    const isNearMiss = lacksSlash(ctx)
    const mount = isNearMiss ? undefined : mountFor(ctx)
    if (mount !== undefined) {
      ctx.mount = mount
      ctx.routeClass = mount.routeClass
      ctx.pattern = patternOf(mount)
    }
    const finish = (answer: Parameters<AnswerWriter['answer']>[2] | undefined): void => {
      if (answer !== undefined) writeAnswer(ctx, response, answer)
      else if (isNearMiss)
        writeAnswer(ctx, response, {
          kind: 'redirect',
          status: 302,
          location: `${ctx.target.path}/${ctx.target.query}`,
        })
      else if (mount !== undefined) serveMount(ctx, response, mount)
      else if (ctx.appHost !== undefined) writeError(ctx, response, httpErrors.notFound({}))
      else writeError(ctx, response, reserved.refusalFor(ctx.method, ctx.target.path))
    }
    try {
      const outcome = pipeline[ctx.routeClass](ctx)
      if (outcome instanceof Promise) outcome.then(finish, (error: unknown) => writeError(ctx, response, error))
      else finish(outcome)
    } catch (error) {
      writeError(ctx, response, error)
    }
  }

  const writeAnswer = (ctx: EdgeContext, response: ServerResponse, answer: Answer): void => {
    writer.answer(ctx, response, answer).catch((error: unknown) => writeError(ctx, response, error))
  }

  const hostDoor = createHostDoor({
    hosts: options.hosts,
    mounts: options.mounts,
    routes: options.hostRoutes,
    pipeline,
    onAnswer: writeAnswer,
    onError: writeError,
  })

  const routeHost = createRouteHost({
    clock,
    routes: options.routes,
    bodyBytes: options.bodyBytes,
    bodyTimeMs: options.bodyTimeMs,
    contextOf: (request) => (request as WithContext)[CONTEXT] as EdgeContext,
    runSteps: (ctx) => pipeline[ctx.routeClass](ctx),
    onAnswer: writeAnswer,
    onError: writeError,
    onOther: handleOther,
  })

  const handleRequest: Handlers['request'] = (request, response, isTls) => {
    const { socket } = request
    if (doubted.has(socket)) return
    if (owed.count(socket) >= MAX_PIPELINED) {
      doubted.add(socket)
      return void socket.destroy()
    }
    const ctx = createContext(request, false, isTls)
    const holder: WithContext = request
    holder[CONTEXT] = ctx
    inFlight++
    owed.add(socket, response)
    if (isClosing) response.setHeader('connection', 'close')
    response.once('close', () => {
      inFlight--
      owed.remove(socket, response)
      if (!response.writableFinished) ctx.abort()
      const status = response.headersSent ? response.statusCode : 0
      options.onFinished({ ctx, status, durationMs: clock.monotonicMs() - ctx.startedAtMs })
    })
    if (ctx.fault !== undefined) {
      // What follows on this connection may be the rest of what was refused: it is not read as a request.
      doubted.add(socket)
      ctx.responseHeaders.set('connection', 'close')
      return handleOther(ctx, response)
    }
    if (ctx.appHost !== undefined) {
      if (!hostDoor.handle(ctx, response)) handleOther(ctx, response)
      return
    }
    // What is behind the door needs no router: this is the hot path.
    if (mountFor(ctx) !== undefined) return handleOther(ctx, response)
    request.url = ctx.target.raw
    routeHost.handle(request, response)
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
    if (doubted.has(socket) || owed.has(socket)) return void socket.destroy()
    const ctx = createContext(request, true, isTls)
    ctx.routeClass = 'socket'
    ctx.mount = mountFor(ctx)
    ctx.pattern = ctx.mount === undefined ? 'none' : patternOf(ctx.mount)
    socket.once('close', () => ctx.abort())
    void acceptUpgrade(ctx, socket, head).catch((error: unknown) => {
      writer.upgradeError(ctx, socket, error)
      closeSoon(socket)
      const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500
      options.onFinished({ ctx, status, durationMs: clock.monotonicMs() - ctx.startedAtMs })
    })
  }

  const acceptUpgrade = async (ctx: EdgeContext, socket: Duplex, head: Buffer): Promise<void> => {
    const answer = await pipeline.socket(ctx)
    if (answer !== undefined) {
      writer.upgradeAnswer(ctx, socket, answer)
      return closeSoon(socket)
    }
    if (isClosing) throw httpErrors.draining({})
    if (ctx.mount === undefined) throw httpErrors.notFound({})
    if (ctx.mount.upgrade === undefined) throw httpErrors.upgradeRequired({})
    return ctx.mount.upgrade(ctx, socket, head)
  }

  const handleMalformed: Handlers['malformed'] = (error, socket) => {
    log.debug({ event: 'request_malformed', code: error.code }, 'a message was refused before it was a request')
    if (!socket.writable || error.code === 'ECONNRESET' || owed.hasOther(socket)) return void socket.destroy()
    const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    closeSoon(socket)
  }

  return Object.freeze({
    routes: options.routes,
    mounts: options.mounts,
    inFlight: () => inFlight,
    find(method: string, path: string, host?: AppHost) {
      const route = host === undefined ? reserved.find(method, path) : undefined
      if (route !== undefined) return { route }
      const mount = findMount(host, path)
      return mount === undefined ? {} : { mount }
    },
    async open(listenOptions: ListenOptions) {
      await routeHost.ready()
      listening = await listen(listenOptions, {
        request: handleRequest,
        upgrade: handleUpgrade,
        isQuestion: (request) => hosts?.find(request.headers.host) === undefined && isQuestion(pathOf(request)),
        malformed: handleMalformed,
      })
      return listening
    },
    async close(deadline: AbortSignal) {
      isClosing = true
      const closed = listening.servers.map(
        (server) => new Promise<void>((resolve) => void server.close(() => resolve())),
      )
      const closeIdle = () => {
        for (const server of listening.servers) server.closeIdleConnections()
      }
      const cut = () => {
        for (const server of listening.servers) server.closeAllConnections()
      }
      // Node's own limit on the time of a head ends with `server.close`.
      let quietSinceMs = clock.monotonicMs()
      const sweep = () => {
        closeIdle()
        if (inFlight > 0) quietSinceMs = clock.monotonicMs()
        else if (clock.monotonicMs() - quietSinceMs >= LAST_HEAD_MS) cut()
      }
      closeIdle()
      const stopClosing = clock.every(50, sweep)
      if (deadline.aborted) cut()
      deadline.addEventListener('abort', cut, { once: true })
      await Promise.all(closed)
      stopClosing()
      deadline.removeEventListener('abort', cut)
    },
  })
}

const patternOf = ({ host = '', prefix }: Mount): string => `${host}${prefix}*`

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
