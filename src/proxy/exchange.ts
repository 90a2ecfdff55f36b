// One request at an upstream and its answer on the way to the client: a state machine driven by undici's callbacks.
// Made by `forward.ts`, once per request; a class because every proxied request makes one and its methods are shared.
// Never ends a broken answer cleanly, never sends a body twice, never holds more than the buffers of two sockets.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { RequestContext } from '#http'
import { type Clock, nodeHttp } from '#kernel'
import type { Endpoint } from './endpoint.ts'
import { upstreamErrors } from './errors.ts'
import type { AnswerHeaders, HeaderRules } from './headers.ts'
import type { InsteadBody } from './instead.ts'
import { releaseWhenWritten } from './release-chunk.ts'
import { isAboutConnecting, isReset, toUpstreamFailure } from './upstream-failure.ts'

/** What all exchanges with one upstream share. */
export interface ExchangeHost {
  readonly upstream: string
  readonly rules: HeaderRules
  readonly clock: Clock
  /** How long the upstream may take to begin its answer once it has the whole request, and to take more of one. */
  readonly firstByteMs: number
  /** How long a body may pause. */
  readonly idleMs: number
  /** Told of the head of each answer, before the client gets it. */
  readonly onHead?: ((endpoint: Endpoint, headers: AnswerHeaders) => void) | undefined
  /** Called once for each exchange. A client that left is no failure. */
  readonly onOver: (exchange: Exchange, failure: ExchangeFailure | undefined) => void
  /**
   * Called at most once for each exchange, before anything has been answered: it is to be sent once more with
   * `sendAgain`, or ended with `fail`.
   */
  readonly onRepeatable: (exchange: Exchange, attempt: FailedAttempt) => void
}

/** A request that came to nothing at one endpoint, and may go to another. */
export interface FailedAttempt {
  readonly ctx: RequestContext
  readonly error: Error
  /** To be sent with it, whole: nobody has read any of it. */
  readonly body: Dispatcher.DispatchOptions['body']
  /** Nothing of it has left the gateway: no connection came about, or it died before it had its turn. */
  readonly isUnsent: boolean
}

/** What the upstream did to a request. */
export interface ExchangeFailure {
  readonly ctx: RequestContext
  readonly error: Error
  /** The answer had begun and was broken off. */
  readonly isBrokenOff: boolean
}

type Controller = Dispatcher.DispatchController

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #host: ExchangeHost
  readonly #ctx: RequestContext
  readonly #response: ServerResponse
  #endpoint: Endpoint
  #options: Dispatcher.DispatchOptions
  /** What is sent in place of the client's body. */
  readonly instead: InsteadBody | undefined
  readonly #settled = Promise.withResolvers<void>()
  readonly #clientSocket: Socket
  #controller: Controller | undefined = undefined
  /** Our own reason to abort, told instead of undici's. */
  #reason: Error | undefined = undefined
  /** Of the time in which the answer must begin. */
  #cancelLimit: (() => void) | undefined = undefined
  #isAnswered = false
  #isRepeated = false
  #isOver = false
  #hasContent = false
  #isUploading = false
  /** The client does not read as fast as the upstream sends. */
  #isBlocked = false
  #listensForDrain = false
  #listensForTimeout = false
  /** Bytes of content still to come, where the upstream said how many. */
  #remaining = Number.NaN
  #interim = 0

  constructor(
    host: ExchangeHost,
    endpoint: Endpoint,
    ctx: RequestContext,
    response: ServerResponse,
    options: Dispatcher.DispatchOptions,
    instead?: InsteadBody,
  ) {
    this.#host = host
    this.#endpoint = endpoint
    this.#ctx = ctx
    this.#response = response
    this.#options = options
    this.instead = instead
    this.#clientSocket = ctx.request.socket
  }

  /** Where it is, or was last. */
  get endpoint(): Endpoint {
    return this.#endpoint
  }

  /** Whether the client's body goes through here. */
  get #streamsBody(): boolean {
    return this.#options.body !== undefined && this.instead === undefined
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Of the answer; 0 while there is none. */
  get status(): number {
    return this.#response.headersSent ? this.#response.statusCode : 0
  }

  /** Resolves when the answer is complete or cannot be; rejects only while nothing has been answered. */
  run(): Promise<void> {
    const onClose = () => this.#onClientClose()
    this.#response.on('close', onClose)
    // The answer to a pipelined request has no socket yet, and is not told when that closes.
    if (this.#response.socket === null) this.#clientSocket.once('close', onClose)
    if (this.#streamsBody) this.#watchUpload()
    this.#endpoint.pool.dispatch(this.#options, this)
    return this.#settled.promise
  }

  /** Once more, signed anew. */
  sendAgain(endpoint: Endpoint, options: Dispatcher.DispatchOptions): void {
    this.#endpoint = endpoint
    this.#options = options
    endpoint.pool.dispatch(options, this)
  }

  /** Instead of sending it again. */
  fail(error: Error): void {
    this.#finish(toUpstreamFailure(this.#host.upstream, error))
  }

  /** Ends an exchange that has not reached the upstream yet. */
  giveUpWaiting(reason: Error): void {
    if (this.#controller !== undefined || this.#isOver) return
    this.#reason = reason
    this.#finish(reason)
  }

  onRequestStart(controller: Controller): void {
    // Thrown, not aborted: nothing has been written, so the connection stays good.
    if (this.#isOver) throw this.#reason ?? new Error('the client has left')
    this.#controller = controller
    // Only now: the checks have passed and there is somebody to read the body (RFC 9110 §10.1.1).
    const isAwaited = this.#streamsBody && this.#ctx.request.headers.expect !== undefined
    if (isAwaited) this.#response.writeContinue()
    if (!this.#isUploading) this.#limitWait()
  }

  onResponseStarted(): void {
    this.#isAnswered = true
  }

  onResponseStart(controller: Controller, status: number, headers: AnswerHeaders, reason?: string): void {
    const fault = findFault(status, headers)
    if (status < 200) this.#takeInterim(controller, status, headers)
    else if (fault !== undefined) this.#abort(controller, fault)
    else this.#begin(status, headers, reason)
  }

  #begin(status: number, headers: AnswerHeaders, reason: string | undefined): void {
    this.#cancelLimit?.()
    this.#host.onHead?.(this.#endpoint, headers)
    const answer = this.#host.rules.toClient(this.#ctx, status, headers)
    // The client is still sending what nobody may read any more: what is left must not be taken for its next request.
    if (this.#options.body !== undefined && !this.#ctx.request.complete) answer.push('connection', 'close')
    const length = headers['content-length']
    if (typeof length === 'string') this.#remaining = Number(length)
    this.#response.writeHead(status, reasonFor(status, reason), answer)
    // Events and long polls show their head at once; a body that is already here goes out in the same write.
    process.nextTick(flushHead, this)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#hasContent = true
    this.#remaining -= chunk.length
    if (this.#remaining === 0) {
      this.#end(chunk)
    } else if (!this.#response.write(chunk, releaseWhenWritten(chunk))) {
      controller.pause()
      this.#awaitDrain()
    }
  }

  /** A small one as text, byte for byte, because Node joins text with the head into one cheap write. */
  #end(chunk: Buffer): void {
    if (chunk.length <= SMALL_BYTES) this.#response.end(chunk.toString('latin1'), 'latin1')
    else this.#response.end(chunk)
  }

  onResponseEnd(): void {
    if (!this.#response.writableEnded) this.#response.end()
    if (this.#response.writableNeedDrain) this.#awaitDrain()
    this.#finish(undefined)
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#isOver) return
    this.#cancelLimit?.()
    if (this.#response.headersSent) {
      this.#breakOff()
      this.#finish(toUpstreamFailure(this.#host.upstream, this.#reason ?? error))
    } else if (this.#hasClientLeft()) {
      this.#finish(undefined)
    } else if (this.#mayRepeat(error)) {
      const isUnsent = this.#controller === undefined
      const { body } = this.#options
      this.#isRepeated = true
      this.#controller = undefined
      this.#host.onRepeatable(this, { ctx: this.#ctx, error, body, isUnsent })
    } else {
      this.#finish(this.#reason ?? toUpstreamFailure(this.#host.upstream, error))
    }
  }

  /** Called on the next tick after the head: shows it unless content has taken it along. */
  flushHead(): void {
    if (!this.#hasContent && !this.#response.writableEnded) this.#response.flushHeaders()
  }

  /**
   * Whatever has not left us may go elsewhere. A connection that died in the pool is the upstream's to close; what it has
   * not seen can be sent again, but no body.
   */
  #mayRepeat(error: Error): boolean {
    if (this.#isAnswered || this.#isRepeated || this.#reason !== undefined) return false
    if (this.#controller === undefined) return isAboutConnecting(error)
    const { method, body } = this.#options
    const isSafe = method === 'GET' || method === 'HEAD'
    return isSafe && body === undefined && isReset(error)
  }

  #abort(controller: Controller, reason: string): void {
    const { upstream } = this.#host
    this.#reason = upstreamErrors.badAnswer({ upstream }, { internal: { upstream, reason } })
    controller.abort(this.#reason)
  }

  /** undici keeps a limit of its own, which is late by a second and more. */
  #limitWait(): void {
    if (this.#controller === undefined || this.#response.headersSent || this.#isOver) return
    const { clock, firstByteMs, upstream } = this.#host
    this.#cancelLimit?.()
    this.#cancelLimit = clock.after(firstByteMs, () => {
      this.#reason = upstreamErrors.timeout({ upstream }, { internal: { upstream, reason: 'no head in time' } })
      this.#controller?.abort(this.#reason)
    })
  }

  /**
   * RFC 9110 §15.2: early hints are for the client; other interim answers are about our own request. Nothing holds an
   * upstream back that sends them without end, neither a client that does not read nor a time limit.
   */
  #takeInterim(controller: Controller, status: number, headers: AnswerHeaders): void {
    this.#interim += 1
    if (this.#interim > MAX_INTERIM) this.#abort(controller, 'interim answers without end')
    else if (!this.#isUploading) this.#limitWait()
    if (status === 103 && this.#interim <= MAX_HINTS) this.#relayHints(headers)
  }

  #relayHints({ link }: AnswerHeaders): void {
    if (link === undefined || this.#ctx.request.httpVersion !== '1.1') return
    try {
      this.#response.writeEarlyHints({ link: typeof link === 'string' ? link : [...link] })
    } catch {
      // Node refuses links that it cannot parse; a hint may go missing.
    }
  }

  #awaitDrain(): void {
    this.#isBlocked = true
    this.#timeClient()
    if (this.#listensForDrain) return
    this.#listensForDrain = true
    this.#response.on('drain', () => {
      this.#isBlocked = false
      this.#timeClient()
      this.#controller?.resume()
    })
  }

  #watchUpload(): void {
    this.#isUploading = true
    this.#timeClient()
    this.#ctx.request.once('end', () => {
      this.#isUploading = false
      this.#timeClient()
      this.#limitWait()
    })
    // While the upstream takes nothing more, nothing more is read.
    this.#ctx.request.on('pause', () => this.#limitWait())
    this.#ctx.request.on('resume', () => this.#cancelLimit?.())
  }

  /** While the client has something to send or to read, it may not pause for long. */
  #timeClient(): void {
    const isTimed = this.#isUploading || this.#isBlocked
    if (isTimed && !this.#listensForTimeout) {
      this.#listensForTimeout = true
      this.#response.on('timeout', () => this.#onClientTimeout())
    }
    if (this.#listensForTimeout) this.#clientSocket.setTimeout(isTimed ? this.#host.idleMs : 0)
  }

  /** Unless it is the upstream that holds the client up: for that, undici has a timer. */
  #onClientTimeout(): void {
    const isHeldUp = !this.#isBlocked && (this.#controller === undefined || this.#ctx.request.isPaused())
    if (isHeldUp) this.#timeClient()
    else this.#clientSocket.destroy()
  }

  #hasClientLeft(): boolean {
    return this.#clientSocket.destroyed
  }

  /** So that a client never takes the part for the whole: a close says nothing where the close is the end (RFC 9112 §8). */
  #breakOff(): void {
    if (this.#ctx.request.httpVersion === '1.0') this.#clientSocket.resetAndDestroy()
    this.#response.destroy()
  }

  #onClientClose(): void {
    if (this.#isOver) return
    const { upstream } = this.#host
    this.#reason = new Error(`the client left before ${upstream} had answered`)
    this.#finish(undefined)
    this.#controller?.abort(this.#reason)
  }

  #finish(error: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelLimit?.()
    const isBrokenOff = this.#response.headersSent
    this.#host.onOver(this, error && { ctx: this.#ctx, error, isBrokenOff })
    if (error === undefined || isBrokenOff) this.#settled.resolve()
    else this.#settled.reject(error)
  }
}

const SMALL_BYTES = 8 * 1024
/** Browsers heed the first. */
const MAX_HINTS = 10
/** Some services say every few seconds that they are still at it (102), for an hour. */
const MAX_INTERIM = 1000

const flushHead = (exchange: Exchange): void => exchange.flushHead()

/** What llhttp accepts and we do not pass on. */
function findFault(status: number, headers: AnswerHeaders): string | undefined {
  if (status > 599) return `status ${status}`
  const encoding = headers['transfer-encoding']
  return encoding === undefined || encoding === 'chunked' ? undefined : 'transfer coding'
}

/** The upstream's own words, unless they are the usual ones or no reason phrase at all (RFC 9112 §4). */
const reasonFor = (status: number, reason: string | undefined): string | undefined =>
  reason === undefined || reason === nodeHttp.STATUS_CODES[status] || !/^[\t\x20-\x7e]+$/.test(reason)
    ? undefined
    : reason
