// What answers on hosts of their own: the services there, and one address of ours where people arrive. The portal's
// routes are not asked: whatever they are, they do not exist here.

import type { ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { AppHost, AppHosts } from './app-hosts.ts'
import type { EdgeContext } from './edge-context.ts'
import { httpErrors } from './errors.ts'
import { createMountTable, type MountTable } from './mount-table.ts'
import type { Pipeline } from './pipeline.ts'
import type { Mount, Route } from './route.ts'
import { parseRouteInput } from './route-input.ts'

export interface HostDoor {
  mountOf(host: AppHost, path: string): Mount | undefined
  /** Whether the path is a service's but for the slash at its end. */
  lacksSlash(host: AppHost, path: string): boolean
  /** Answers what is ours. @returns false if that is not */
  handle(ctx: EdgeContext, response: ServerResponse): boolean
}

export interface HostDoorOptions {
  readonly hosts: AppHosts
  /** Those of every part; the ones without a host are not asked for here. */
  readonly mounts: readonly Mount[]
  /** Ours on each host: GET, exact paths. */
  readonly routes: readonly Route[]
  readonly pipeline: Pipeline
  readonly onAnswer: (ctx: EdgeContext, response: ServerResponse, answer: Answer) => void
  readonly onError: (ctx: EdgeContext, response: ServerResponse, error: unknown) => void
}

/** @throws as `createMountTable` does */
export function createHostDoor({ hosts, mounts, routes, pipeline, onAnswer, onError }: HostDoorOptions): HostDoor {
  const tables = new Map<AppHost, MountTable>(
    hosts.all.map((host) => [host, createMountTable(mounts.filter((mount) => mount.host === host.name))]),
  )
  const own = new Map(routes.map((route) => [route.path, route]))

  const answer = async (ctx: EdgeContext, route: Route): Promise<Answer> => {
    if (ctx.method !== route.method) throw httpErrors.methodNotAllowed({ method: ctx.method, allow: route.method })
    const stepped = await pipeline[route.routeClass](ctx)
    return stepped ?? route.handle(ctx, parseRouteInput(route, { params: {}, query: ctx.target.query, body: {} }))
  }

  return Object.freeze({
    mountOf: (host: AppHost, path: string) => (own.has(path) ? undefined : tables.get(host)?.find(path)),
    lacksSlash: (host: AppHost, path: string) => !own.has(path) && tables.get(host)?.lacksSlash(path) === true,
    handle(ctx: EdgeContext, response: ServerResponse) {
      const route = own.get(ctx.target.path)
      if (route === undefined) return false
      ctx.route = route
      ctx.routeClass = route.routeClass
      ctx.pattern = route.path
      answer(ctx, route).then(
        (given) => onAnswer(ctx, response, given),
        (error: unknown) => onError(ctx, response, error),
      )
      return true
    },
  })
}
