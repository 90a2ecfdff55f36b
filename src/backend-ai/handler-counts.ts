// How many requests are under way, by what handles them: the numbers of `/stats` (§1.8), of this process.

import type { Duplex } from 'node:stream'
import type { Mount, RequestContext } from '#http'

const HANDLERS = [
  'static',
  'webui',
  'config',
  'login',
  'login_check',
  'token_login',
  'logout',
  'healthcheck',
  'proxy_api',
  'proxy_plugin',
  'proxy_websocket',
] as const

export type Handler = (typeof HANDLERS)[number]

export interface HandlerCounts {
  /** Counts what is under way at a mount. @param handlerOf undefined for what has no number of its own */
  mount(mount: Mount, handlerOf: (ctx: RequestContext) => Handler | undefined): Mount
  /** Counts it as long as it takes. */
  during<Result>(handler: Handler, work: () => Promise<Result>): Promise<Result>
  /** By name, in the order in which they are shown. */
  read(): Readonly<Record<string, number>>
}

export function createHandlerCounts(): HandlerCounts {
  const active = new Map<Handler | undefined, number>()
  const change = (handler: Handler | undefined, by: 1 | -1): void =>
    void active.set(handler, (active.get(handler) ?? 0) + by)
  const begin = (handler: Handler | undefined): (() => void) => {
    change(handler, 1)
    return () => change(handler, -1)
  }

  return Object.freeze({
    mount(mount: Mount, handlerOf: (ctx: RequestContext) => Handler | undefined): Mount {
      const { serve, upgrade } = mount
      return {
        ...mount,
        serve: (ctx, response) => serve(ctx, response).finally(begin(handlerOf(ctx))),
        ...(upgrade !== undefined && {
          upgrade(ctx: RequestContext, socket: Duplex, head: Buffer) {
            // Who has left already is not told of again.
            if (!socket.destroyed) socket.once('close', begin('proxy_websocket'))
            return upgrade(ctx, socket, head)
          },
        }),
      }
    },
    during: <Result>(handler: Handler, work: () => Promise<Result>) => work().finally(begin(handler)),
    read: () => ({
      // What keeps the process awake is the nearest that this runtime has to the tasks of an event loop.
      total_async_tasks: process.getActiveResourcesInfo().length,
      total_active_handlers: [...active.values()].reduce((sum, count) => sum + count, 0),
      ...Object.fromEntries(HANDLERS.map((handler) => [`active_${handler}_handlers`, active.get(handler) ?? 0])),
    }),
  })
}

/** What handles a request under `/server/`, `/func/` and `/pipeline/`. */
export function forwardingHandlerOf({ target: { path } }: RequestContext): Handler | undefined {
  if (path.startsWith('/server/')) return SERVER_HANDLERS.get(path)
  return PLUGIN_PATH.test(path) ? 'proxy_plugin' : 'proxy_api'
}

const SERVER_HANDLERS: ReadonlyMap<string, Handler> = new Map([
  ['/server/login', 'login'],
  ['/server/login-check', 'login_check'],
  ['/server/token-login', 'token_login'],
  ['/server/logout', 'logout'],
])

const PLUGIN_PATH = /^\/func\/(?:(?:cloud|custom-auth|openid|saml|totp|folders\/_\/tus\/upload)\/|auth\/signup$)/
