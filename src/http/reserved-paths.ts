// Paths that are ours whatever is mounted: nothing behind the door can answer in our place, not even a wrong method.

import type { GatewayError } from '#kernel'
import { httpErrors } from './errors.ts'
import type { Route } from './route.ts'

/** Prefixes that no upstream and no site may take; `mountPath` refuses them. */
export const RESERVED_PREFIXES = ['/auth/', '/api/v1/', '/docs/', '/portal/'] as const

export interface ReservedPaths {
  /** The route of ours that answers. */
  find(method: string, path: string): Route | undefined
  isReserved(path: string): boolean
  /** 405 where another method would be answered, else 404. */
  refusalFor(method: string, path: string): GatewayError
}

export function createReservedPaths(routes: readonly Route[]): ReservedPaths {
  const patterns = routes.map((route) => ({ pattern: toPattern(route.path), route }))
  const allowed = (path: string): readonly string[] =>
    patterns.flatMap(({ pattern, route }) => (pattern.test(path) ? [route.method] : []))

  // Asked for every proxied request: only what the prefixes do not cover, and most of that has one spelling.
  const unreserved = routes.map(({ path }) => path).filter((path) => !hasReservedPrefix(path) && path !== '/')
  const exact = new Set(unreserved.filter((path) => !path.includes(':')))
  const others = [...new Set(unreserved)].filter((path) => !exact.has(path)).map(toPattern)

  return Object.freeze({
    find: (method: string, path: string) =>
      patterns.find(({ pattern, route }) => pattern.test(path) && answers(route, method))?.route,
    // `/` itself is a page only where nothing is mounted there.
    isReserved: (path: string) =>
      hasReservedPrefix(path) || exact.has(path) || others.some((pattern) => pattern.test(path)),
    refusalFor(method: string, path: string) {
      const methods = allowed(path)
      // The method itself among them means that the address matches in form only: nothing can be called that.
      if (methods.length === 0 || methods.includes(method)) return httpErrors.notFound({})
      const allow = methods.includes('GET') ? [...methods, 'HEAD'] : methods
      return httpErrors.methodNotAllowed({ method, allow: [...new Set(allow)].sort().join(', ') })
    },
  })
}

const hasReservedPrefix = (path: string): boolean => RESERVED_PREFIXES.some((prefix) => path.startsWith(prefix))

const answers = (route: Route, method: string): boolean =>
  route.method === method || (method === 'HEAD' && route.method === 'GET')

const toPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`)
