// What answers: the routes, mounts, checks and pages of one configuration. The edge gives every request to the door of
// the moment, and a request stays with the door that it began with, also when a reload puts another in its place.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import type { Answer } from './answer.ts'
import type { AppHost, AppHosts } from './app-hosts.ts'
import type { EdgeContext } from './edge-context.ts'
import { httpErrors } from './errors.ts'
import { createHostDoor } from './host-door.ts'
import { createMountTable } from './mount-table.ts'
import type { Pipeline } from './pipeline.ts'
import { createReservedPaths } from './reserved-paths.ts'
import type { Mount, Route } from './route.ts'
import { createRouteHost } from './routes-fastify.ts'
import type { AnswerWriter } from './write-answer.ts'

export interface DoorOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly hosts: AppHosts
  /** Ours on each of these hosts. */
  readonly hostRoutes: readonly Route[]
  readonly routes: readonly Route[]
  readonly mounts: readonly Mount[]
  readonly pipeline: Pipeline
  readonly writer: AnswerWriter
  readonly bodyBytes: number
  readonly bodyTimeMs: number
}

export interface Door {
  /** Before the first request. */
  ready(): Promise<void>
  /** Answers the request of a context that the edge made. */
  request(ctx: EdgeContext, response: ServerResponse): void
  /** Runs the checks and hands the socket over; what it throws or returns is to be answered on the socket. */
  upgrade(ctx: EdgeContext, socket: Duplex, head: Buffer): Promise<Answer | undefined>
  /** The same for a door that closes: whatever passes the checks is told to come again. */
  refuseUpgrade(ctx: EdgeContext): Promise<Answer | undefined>
  /** Whether a proxy in front asks here about other requests. */
  isQuestion(path: string): boolean
  readonly writer: AnswerWriter
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

export function createDoor(options: DoorOptions): Door {
  const { clock, log, pipeline, writer } = options
  const atPortal = options.mounts.filter(({ host }) => host === undefined)
  const mounts = createMountTable(atPortal)
  const reserved = createReservedPaths(options.routes)

  const ownMounts = createMountTable(atPortal.filter(({ prefix }) => reserved.isReserved(prefix)))

  const mountOf = (path: string): Mount | undefined =>
    reserved.isReserved(path) ? ownMounts.find(ownMounts.lacksSlash(path) ? `${path}/` : path) : mounts.find(path)

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

  const writeError = (ctx: EdgeContext, response: ServerResponse, error: unknown): void => {
    writer.error(ctx, response, error).catch((failure: unknown) => {
      log.error({ event: 'answer_failed', err: failure, request_id: ctx.id }, 'an error could not be answered')
      response.destroy()
    })
  }

  const writeAnswer = (ctx: EdgeContext, response: ServerResponse, answer: Answer): void => {
    writer.answer(ctx, response, answer).catch((error: unknown) => writeError(ctx, response, error))
  }

  const serve = (mount: Mount, ctx: EdgeContext, response: ServerResponse): void => {
    mount.serve(ctx, response).then(
      (answer) => {
        if (answer !== undefined) writeAnswer(ctx, response, answer)
      },
      (error: unknown) => writeError(ctx, response, error),
    )
  }

  /** Mounts, and what nothing answers. Runs synchronously as far as the steps do: this is the hot path. */
  const handleOther = (ctx: EdgeContext, response: ServerResponse, found = mountFor(ctx)): void => {
    // People leave the slash out; what they get is the service, not the site around it.
    const isNearMiss = lacksSlash(ctx)
    const mount = isNearMiss ? undefined : found
    if (mount !== undefined) {
      ctx.mount = mount
      ctx.routeClass = mount.routeClass
      ctx.pattern = patternOf(mount)
    }
    const { path, query } = ctx.target
    const finish = (answer: Answer | undefined): void => {
      if (answer !== undefined) writeAnswer(ctx, response, answer)
      else if (isNearMiss) writeAnswer(ctx, response, { kind: 'redirect', status: 302, location: `${path}/${query}` })
      else if (mount !== undefined) serve(mount, ctx, response)
      else if (ctx.appHost !== undefined) writeError(ctx, response, httpErrors.notFound({}))
      else writeError(ctx, response, reserved.refusalFor(ctx.method, path))
    }
    try {
      const outcome = pipeline[ctx.routeClass](ctx)
      if (outcome instanceof Promise) outcome.then(finish, (error: unknown) => writeError(ctx, response, error))
      else finish(outcome)
    } catch (error) {
      writeError(ctx, response, error)
    }
  }

  const hostDoor = createHostDoor({
    hosts: options.hosts,
    mounts: options.mounts,
    routes: options.hostRoutes,
    pipeline,
    onAnswer: writeAnswer,
    onError: writeError,
  })

  const checkUpgrade = async (ctx: EdgeContext): Promise<Answer | undefined> => {
    ctx.routeClass = 'socket'
    ctx.mount = mountFor(ctx)
    ctx.pattern = ctx.mount === undefined ? 'none' : patternOf(ctx.mount)
    return pipeline.socket(ctx)
  }

  const routeHost = createRouteHost({
    clock,
    routes: options.routes,
    bodyBytes: options.bodyBytes,
    bodyTimeMs: options.bodyTimeMs,
    contextOf: (request) => (request as WithContext)[CONTEXT] as EdgeContext,
    runSteps: (ctx) => pipeline[ctx.routeClass](ctx),
    onAnswer: writeAnswer,
    onError: writeError,
    onOther: (ctx, response) => handleOther(ctx, response),
  })

  return Object.freeze({
    ready: () => routeHost.ready(),
    request(ctx: EdgeContext, response: ServerResponse) {
      if (ctx.fault !== undefined) return handleOther(ctx, response)
      if (ctx.appHost !== undefined) {
        if (!hostDoor.handle(ctx, response)) handleOther(ctx, response)
        return
      }
      // What is behind the door needs no router: this is the hot path.
      const mount = mountOf(ctx.target.path)
      if (mount !== undefined) return handleOther(ctx, response, mount)
      const request: WithContext = ctx.request
      request[CONTEXT] = ctx
      request.url = ctx.target.raw
      routeHost.handle(request, response)
    },
    async refuseUpgrade(ctx: EdgeContext) {
      const answer = await checkUpgrade(ctx)
      if (answer === undefined) throw httpErrors.draining({})
      return answer
    },
    async upgrade(ctx: EdgeContext, socket: Duplex, head: Buffer) {
      const answer = await checkUpgrade(ctx)
      if (answer !== undefined) return answer
      if (ctx.mount === undefined) throw httpErrors.notFound({})
      if (ctx.mount.upgrade === undefined) throw httpErrors.upgradeRequired({})
      await ctx.mount.upgrade(ctx, socket, head)
      return undefined
    },
    isQuestion,
    writer,
    routes: options.routes,
    mounts: options.mounts,
    find(method: string, path: string, host?: AppHost) {
      const route = host === undefined ? reserved.find(method, path) : undefined
      if (route !== undefined) return { route }
      const mount = findMount(host, path)
      return mount === undefined ? {} : { mount }
    },
  })
}

const patternOf = ({ host = '', prefix }: Mount): string => `${host}${prefix}*`
