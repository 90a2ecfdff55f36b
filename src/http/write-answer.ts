// The one place that writes an answer of our own: status, security headers, cookies, body. Proxied answers are
// written by their mount, which adds `ctx.responseHeaders` and `ctx.responseCookies` itself.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GatewayError } from '#kernel'
import type { Answer } from './answer.ts'
import type { RequestContext } from './context.ts'
import { serializeCookie } from './cookie.ts'
import { httpErrors } from './errors.ts'
import type { Pages } from './pages.ts'
import type { SecurityHeaders } from './security-headers.ts'

export interface AnswerWriter {
  answer(ctx: RequestContext, response: ServerResponse, answer: Answer): Promise<void>
  /** Writes the error as a page or as problem+json (RFC 9457); breaks the connection if the answer had begun. */
  error(ctx: RequestContext, response: ServerResponse, error: unknown): Promise<void>
  /** Answers a refused upgrade on its raw socket and closes it. @returns the status */
  upgradeError(ctx: RequestContext, socket: Duplex, error: unknown): number
  upgradeAnswer(ctx: RequestContext, socket: Duplex, answer: Answer): void
}

export interface AnswerWriterOptions {
  readonly pages: Pages
  readonly securityHeaders: SecurityHeaders
  /** Adds the base path to a path of ours. */
  readonly pathTo: (path: string) => string
  /** The same as a whole address, for hosts where the portal is not. */
  readonly urlTo: (path: string) => string
  /** How long a client may take nothing of its answer; a minute unless given. */
  readonly clientIdleMs?: number
}

interface Rendered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Extract<Answer, { kind: 'bytes' }>['body']
}

export function createAnswerWriter(options: AnswerWriterOptions): AnswerWriter {
  const { pages, securityHeaders, pathTo, urlTo, clientIdleMs = 60_000 } = options
  const render = (ctx: RequestContext, answer: Answer): Rendered => {
    const headers = { ...securityHeaders(ctx, answer.kind === 'page'), ...answer.headers }
    const { status } = answer
    switch (answer.kind) {
      case 'json':
        return {
          status,
          headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
          body: JSON.stringify(answer.body),
        }
      case 'page':
        return {
          status,
          headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
          body: pages.render(ctx, answer.page),
        }
      case 'redirect': {
        // The base path is the portal's.
        const isOurs = answer.location.startsWith('/') && ctx.appHost === undefined
        const location = isOurs ? pathTo(answer.location) : answer.location
        return { status, headers: { ...headers, location }, body: '' }
      }
      case 'empty':
        return { status, headers, body: '' }
      case 'bytes':
        return { status, headers: { 'content-type': answer.contentType, ...headers }, body: answer.body }
    }
  }

  const renderError = (ctx: RequestContext, error: unknown): Rendered => {
    const problem = toGatewayError(error)
    logProblem(ctx, problem)
    const own = answerOfItsOwn(ctx, problem)
    if (own !== undefined) return render(ctx, { ...own, headers: { ...problem.headers, ...own.headers } })
    const { status, code, title, detail, hint, headers } = problem
    // RFC 9457 §3.1.1: where this kind of error is explained.
    const type = (ctx.appHost === undefined ? pathTo : urlTo)(`/docs/errors#${code}`)
    const facts = { type, status, code, title, detail, hint, errorId: ctx.id }
    if (ctx.wantsPage)
      return render(ctx, { kind: 'page', status, page: { template: 'error', title, data: facts }, headers })
    return render(ctx, {
      kind: 'bytes',
      status,
      contentType: 'application/problem+json; charset=utf-8',
      headers,
      body: JSON.stringify(facts),
    })
  }

  const write = async (ctx: RequestContext, response: ServerResponse, rendered: Rendered): Promise<void> => {
    for (const [name, value] of ctx.responseHeaders) response.setHeader(name, value)
    if (ctx.responseCookies.length > 0) response.setHeader('set-cookie', ctx.responseCookies.map(serializeCookie))
    for (const [name, value] of Object.entries(rendered.headers)) response.setHeader(name, value)
    response.statusCode = rendered.status
    if (typeof rendered.body === 'string' || rendered.body instanceof Uint8Array) {
      if (rendered.status !== 204 && rendered.status !== 304)
        response.setHeader('content-length', Buffer.byteLength(rendered.body))
      // What is left of a body that nobody will read must not be taken for the next request.
      if (!ctx.request.complete && hasBody(ctx)) response.setHeader('connection', 'close')
      response.end(ctx.method === 'HEAD' ? undefined : rendered.body)
      if (isWaiting(response)) letGoOfIdle(response)
      return
    }
    letGoOfIdle(response)
    await pipeline(rendered.body, response)
  }

  /** Who asks and does not read must not keep the connection for ever. */
  const letGoOfIdle = (response: ServerResponse): void => {
    response.setTimeout(clientIdleMs, () => response.destroy())
  }

  const writeRaw = (ctx: RequestContext, socket: Duplex, rendered: Rendered): void => {
    const body = typeof rendered.body === 'string' ? rendered.body : ''
    const headers = {
      ...Object.fromEntries(ctx.responseHeaders),
      ...rendered.headers,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    for (const cookie of ctx.responseCookies) lines.push(`set-cookie: ${serializeCookie(cookie)}`)
    socket.end(
      `HTTP/1.1 ${rendered.status} ${REASONS[rendered.status] ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n${body}`,
    )
  }

  return Object.freeze({
    answer: (ctx: RequestContext, response: ServerResponse, answer: Answer) =>
      write(ctx, response, render(ctx, answer)),
    async error(ctx: RequestContext, response: ServerResponse, error: unknown) {
      if (response.headersSent) {
        logProblem(ctx, toGatewayError(error))
        response.destroy()
        return
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      await write(ctx, response, renderError(ctx, error))
    },
    upgradeError(ctx: RequestContext, socket: Duplex, error: unknown) {
      const rendered = renderError(ctx, error)
      writeRaw(ctx, socket, rendered)
      return rendered.status
    },
    upgradeAnswer: (ctx: RequestContext, socket: Duplex, answer: Answer) => writeRaw(ctx, socket, render(ctx, answer)),
  })
}

/** Anything thrown becomes an error of the catalogue; what is not one becomes `http.internal` with its cause logged. */
export const toGatewayError = (error: unknown): GatewayError =>
  error instanceof GatewayError ? error : httpErrors.internal({}, { cause: error })

/** How the route or the mount has it said. One that fails at that must not leave whoever asked without an answer. */
function answerOfItsOwn(ctx: RequestContext, problem: GatewayError): Answer | undefined {
  const { errorAnswer } = ctx.route ?? ctx.mount ?? {}
  try {
    return errorAnswer?.(ctx, problem)
  } catch (error) {
    ctx.log.error(
      { event: 'error_answer_failed', pattern: ctx.pattern, err: error },
      'an error is told in our own words',
    )
    return undefined
  }
}

function logProblem(ctx: RequestContext, problem: GatewayError): void {
  const fields = {
    event: 'request_error',
    code: problem.code,
    status: problem.status,
    error_id: ctx.id,
    ...problem.internal,
  }
  if (problem.status >= 500) ctx.log.error({ ...fields, err: problem.cause ?? problem }, problem.message)
  else ctx.log.debug(fields, problem.message)
}

/** For the client to read, or behind an earlier answer that has not been read. */
const isWaiting = ({ socket }: ServerResponse): boolean => socket === null || socket.writableLength > 0

const hasBody = (ctx: RequestContext): boolean =>
  ctx.request.headers['transfer-encoding'] !== undefined || Number(ctx.request.headers['content-length'] ?? 0) > 0

const REASONS: Readonly<Record<number, string>> = {
  303: 'See Other',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  421: 'Misdirected Request',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}
