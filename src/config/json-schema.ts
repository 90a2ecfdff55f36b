// The schema as JSON Schema 2020-12, in the form in which operators write settings (durations are text). Editors complete
// from it; overrides, explanations, the sample and the reference page read it, so that only this file knows zod's insides.

import { z } from 'zod'
import { deepFreeze } from './freeze.ts'

/** The part of JSON Schema that zod's schemas for settings lead to. */
export interface JsonSchema {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  /** What the text stands for: `duration`, `size`, `secret`, `path`, `address`, `URL`, `rate`. */
  readonly 'x-type'?: string
  /** Takes effect at a restart only: each change of it, or (`presence`) whether it is there at all. */
  readonly 'x-restart'?: RestartNeed
  /** Is not taken from etcd: it says where that is. */
  readonly 'x-local'?: boolean
}

export type RestartNeed = 'always' | 'presence'

/** Zod takes a tenth of a second for the whole configuration, which is read more than once. */
const known = new WeakMap<z.ZodType, JsonSchema>()

/** JSON Schema for editors. Deterministic: the same schema gives the same text. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const made = known.get(schema) ?? deepFreeze(convert(schema))
  known.set(schema, made)
  return made
}

function convert(schema: z.ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => void Object.assign(jsonSchema, keptByMeta(zodSchema)),
  })
  // zod's own type of JSON Schema is wider than what config schemas use.
  return made as JsonSchema
}

/** zod drops examples and defaults of whatever is transformed; ours are written in the form of the input. */
function keptByMeta(schema: z.core.$ZodType): Readonly<Record<string, unknown>> {
  const { examples } = z.globalRegistry.get(schema) ?? {}
  const initial = schema instanceof z.ZodDefault ? JSON.stringify(schema.def.defaultValue) : undefined
  const isEmpty = initial === '[]' || initial === '{}'
  return { ...(Array.isArray(examples) && { examples }), ...(isEmpty && { default: JSON.parse(initial) }) }
}
