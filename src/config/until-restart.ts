// What of a changed configuration can be put into effect while the gateway runs: all of it, except that the settings
// which need a restart stay as they are.

import type { z } from 'zod'
import { deepFreeze } from './freeze.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'

/** `next`, with what needs a restart from `present`. */
export function untilRestart<Schema extends z.ZodType>(
  schema: Schema,
  present: z.output<Schema>,
  next: z.output<Schema>,
): z.output<Schema> {
  return deepFreeze(keep(toJsonSchema(schema), present, next)) as z.output<Schema>
}

function keep(schema: JsonSchema | undefined, present: unknown, next: unknown): unknown {
  const need = schema?.['x-restart']
  if (need === 'always' || (need === 'presence' && (present === undefined) !== (next === undefined))) return present
  if (schema?.properties === undefined || !isMap(present) || !isMap(next)) return next
  const keys = new Set([...Object.keys(present), ...Object.keys(next)])
  const kept = [...keys].map((key) => [key, keep(schema.properties?.[key], present[key], next[key])] as const)
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined))
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
