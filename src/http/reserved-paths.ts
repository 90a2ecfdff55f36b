// Paths that are ours whatever is mounted: nothing behind the door can answer in our place, not even a wrong method.

import type { GatewayError } from '#kernel'
import { httpErrors } from './errors.ts'
import type { Route } from './route.ts'

/** Prefixes that no upstream and no site may take; the config of both refuses them. */
export const RESERVED_PREFIXES = ['/auth/', '/api/v1/', '/docs/'] as const

export interface ReservedPaths {
  isReserved(path: string): boolean
  /** 405 where another method would be answered, else 404. */
  refusalFor(method: string, path: string): GatewayError
}

export function createReservedPaths(routes: readonly Route[]): ReservedPaths {
  const methodsByPath = new Map<string, string[]>()
  for (const { path, method } of routes) methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method])
  const patterns = [...methodsByPath].map(([path, methods]) => ({ pattern: toPattern(path), methods }))
  const allowed = (path: string): readonly string[] =>
    patterns.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))

  return Object.freeze({
    // `/` itself is a page only where nothing is mounted there.
    isReserved: (path: string) =>
      RESERVED_PREFIXES.some((prefix) => path.startsWith(prefix)) || (path !== '/' && allowed(path).length > 0),
    refusalFor(method: string, path: string) {
      const methods = allowed(path)
      if (methods.length === 0) return httpErrors.notFound({})
      const allow = methods.includes('GET') ? [...methods, 'HEAD'] : methods
      return httpErrors.methodNotAllowed({ method, allow: [...new Set(allow)].sort().join(', ') })
    },
  })
}

const toPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`)
