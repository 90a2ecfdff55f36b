// How a request is treated, or why it is not.

import { httpErrors, type RequestContext } from '#http'
import { funcErrors } from './errors.ts'
import { createRouteMatcher } from './match-route.ts'
import type { RouteRow } from './route-table.ts'

/** @throws backendAi.ambiguousPath, backendAi.notPreflight, http.methodNotAllowed */
export type TreatmentFinder<T> = (ctx: RequestContext) => T

/** @param prefix of the mount, which the paths of the rows go on from */
export function createTreatmentFinder<T>(prefix: string, rows: readonly RouteRow<T>[]): TreatmentFinder<T> {
  const match = createRouteMatcher(rows)
  return ({ method, target, request: { headers } }) => {
    const found = match(method, target.path.slice(prefix.length))
    if (found.kind === 'found') return found.treatment
    if (found.kind === 'ambiguous') throw funcErrors.ambiguousPath({})
    // The step `cors` has answered every preflight (§6.2).
    if (method === 'OPTIONS') {
      throw funcErrors.notPreflight({
        header: headers.origin === undefined ? 'Origin' : 'Access-Control-Request-Method',
      })
    }
    throw httpErrors.methodNotAllowed({ method, allow: found.allow })
  }
}

/** For `Mount.isFromAnySite`. What can be read in two ways is not. */
export function createAnySiteTest(
  prefix: string,
  rows: readonly RouteRow<unknown>[],
): (ctx: RequestContext) => boolean {
  const match = createRouteMatcher(rows.map((row) => ({ ...row, treatment: row.isFromAnySite === true })))
  return ({ method, target }) => {
    const found = match(method, target.path.slice(prefix.length))
    return found.kind === 'found' && found.treatment
  }
}
