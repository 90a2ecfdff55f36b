// Hangs our own routes on fastify: it finds the route and reads the body; steps, schemas and answers are ours.
// Everything that matches no route goes to `onOther`: mounts, or 404.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Clock } from '#kernel'
import type { Answer } from './answer.ts'
import type { EdgeContext } from './edge-context.ts'
import { httpErrors } from './errors.ts'
import { MAX_JSON_DEPTH, nestsDeeperThan } from './json-depth.ts'
import type { Route } from './route.ts'
import { parseFields, parseRouteInput } from './route-input.ts'

export interface RouteHostOptions {
  readonly clock: Clock
  readonly routes: readonly Route[]
  readonly bodyBytes: number
  readonly bodyTimeMs: number
  readonly contextOf: (request: IncomingMessage) => EdgeContext
  /** Runs the steps of the route's class; resolves with an answer if one of them gave it. */
  readonly runSteps: (ctx: EdgeContext) => Answer | undefined | Promise<Answer | undefined>
  readonly onAnswer: (ctx: EdgeContext, response: ServerResponse, answer: Answer) => void
  readonly onError: (ctx: EdgeContext, response: ServerResponse, error: unknown) => void
  readonly onOther: (ctx: EdgeContext, response: ServerResponse) => void
}

export interface RouteHost {
  ready(): Promise<void>
  handle(request: IncomingMessage, response: ServerResponse): void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    gatehouseRoute?: Route
  }
}

export function createRouteHost(options: RouteHostOptions): RouteHost {
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyBytes,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: () => '',
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // What the router cannot decode, or finds too long, is no route of ours. Left alone it would answer past all steps.
    frameworkErrors: (_error, request, reply) => {
      reply.hijack()
      options.onOther(options.contextOf(request.raw), reply.raw)
    },
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      maxParamLength: 500,
    },
  })
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseFields(body.toString()))
    } catch (error) {
      done(error as Error)
    }
  })

  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString()
    // Programs say JSON of every request, whether they send some or nothing.
    if (text === '') done(null)
    else if (nestsDeeperThan(text, MAX_JSON_DEPTH)) {
      done(httpErrors.invalidInput({ reason: `The body is nested deeper than ${MAX_JSON_DEPTH} levels.` }))
    } else void parseJson(request, text, done)
  })

  // Fastify's own life cycle ends here for whatever a step answers or refuses, and for all mounts.
  app.addHook('onRequest', (request, reply, done) => {
    const ctx = options.contextOf(request.raw)
    const route = request.routeOptions.config.gatehouseRoute
    if (route === undefined) {
      reply.hijack()
      options.onOther(ctx, reply.raw)
      return
    }
    ctx.route = route
    ctx.routeClass = route.routeClass
    ctx.pattern = route.path
    void runThen(() => options.runSteps(ctx)).then(
      (answer) => {
        if (answer === undefined) {
          if (ctx.request.headers.expect !== undefined) reply.raw.writeContinue()
          limitBodyTime(options, ctx, reply.raw)
          return done()
        }
        reply.hijack()
        return options.onAnswer(ctx, reply.raw, answer)
      },
      (error: unknown) => {
        reply.hijack()
        options.onError(ctx, reply.raw, error)
      },
    )
  })
  // A request without a body has ended before anybody listens, and a parser would wait for its end for ever: a DELETE, say,
  // whose Content-Type says JSON all the same.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    done(null, request.raw.readableEnded ? Readable.from([]) : payload)
  })
  app.setErrorHandler((error, request, reply) => {
    reply.hijack()
    options.onError(options.contextOf(request.raw), reply.raw, fromFastify(error, options.bodyBytes))
  })
  for (const route of options.routes) addRoute(app, route, options)
  app.all('/*', (_request, reply) => void reply.hijack())
  app.setNotFoundHandler((_request, reply) => void reply.hijack())
  return Object.freeze({
    ready: async () => {
      await app.ready()
    },
    handle: (request: IncomingMessage, response: ServerResponse) => app.routing(request, response),
  })
}

function addRoute(app: FastifyInstance, route: Route, options: RouteHostOptions): void {
  app.route({
    method: route.method === 'GET' ? ['GET', 'HEAD'] : [route.method],
    url: route.path,
    config: { gatehouseRoute: route },
    handler: async (request: FastifyRequest, reply) => {
      reply.hijack()
      const ctx = options.contextOf(request.raw)
      try {
        const input = parseRouteInput(route, { params: request.params, query: ctx.target.query, body: request.body })
        options.onAnswer(ctx, reply.raw, checkOutput(route, await route.handle(ctx, input)))
      } catch (error) {
        options.onError(ctx, reply.raw, error)
      }
    },
  })
}

/** What the route's schema does not list does not leave. */
function checkOutput(route: Route, answer: Answer): Answer {
  if (answer.kind !== 'json') return answer
  const schema = route.output?.[answer.status]
  if (schema === undefined) throw new Error(`${route.method} ${route.path} declares no output for ${answer.status}`)
  return { ...answer, body: schema.parse(answer.body) }
}

const runThen = async <T>(run: () => T | Promise<T>): Promise<T> => run()

function limitBodyTime(options: RouteHostOptions, ctx: EdgeContext, response: ServerResponse): void {
  if (ctx.request.complete || ctx.request.readableEnded || ctx.method === 'GET' || ctx.method === 'HEAD') return
  const cancel = options.clock.after(options.bodyTimeMs, () => {
    if (!response.headersSent) options.onError(ctx, response, httpErrors.bodyTimeout({}))
  })
  ctx.request.once('end', cancel)
  ctx.request.once('close', cancel)
}

function fromFastify(error: unknown, limitBytes: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return httpErrors.bodyTooLarge({ limitBytes })
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return httpErrors.unsupportedMediaType({})
  const isClients = error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500
  return isClients
    ? httpErrors.invalidInput({ reason: 'The body could not be read as what its Content-Type says.' })
    : error
}
