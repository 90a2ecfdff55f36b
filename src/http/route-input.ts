// Turns what arrived for a route of ours into what its schemas promise. Nothing unlisted or doubled gets through.

import type { z } from 'zod'
import { httpErrors } from './errors.ts'
import type { Route, RouteInput } from './route.ts'

export interface RawInput {
  readonly params: unknown
  /** `?…` or empty. */
  readonly query: string
  readonly body: unknown
}

/** @throws http.invalidInput with every field at fault. */
export function parseRouteInput(route: Route, raw: RawInput): RouteInput<unknown, unknown, unknown> {
  return {
    params: route.params === undefined ? {} : parsePart('path', route.params, raw.params),
    query: route.query === undefined ? {} : parsePart('query', route.query, parseFields(raw.query.slice(1))),
    body: route.body === undefined ? undefined : parsePart('body', route.body, raw.body ?? {}),
  }
}

/** A query string or a form as a plain map. @throws http.invalidInput for a repeated field: which one would count? */
export function parseFields(encoded: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(encoded)) {
    if (name in fields) throw httpErrors.invalidInput({ reason: `The field "${name.slice(0, 50)}" was sent twice.` })
    fields[name] = value
  }
  return fields
}

function parsePart(where: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues
    .slice(0, 10)
    .map((issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`)
  throw httpErrors.invalidInput({ reason: `${faults.join('; ')}.` })
}
