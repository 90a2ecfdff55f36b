// The slices of all features as one schema. `modules.ts` calls it; a feature that is not mentioned in a configuration
// gets its defaults, so that the smallest file stays small.

import { z } from 'zod'

export type Slices = Readonly<Record<string, z.ZodType>>

/** What the composed schema gives: the output of each slice under its key. */
export type ComposedSchema<S extends Slices> = z.ZodType<{ readonly [Key in keyof S]: z.output<S[Key]> }>

/**
 * A strict schema with one key a slice.
 *
 * @example
 * const configSchema = composeSchema({ server: serverConfig, identity: identityConfig })
 */
export function composeSchema<const S extends Slices>(slices: S): ComposedSchema<S> {
  const shape = Object.fromEntries(Object.entries(slices).map(([key, slice]) => [key, withDefault(slice)]))
  const schema = z.strictObject(shape, { error: notAMap }).meta({ title: 'Gatehouse configuration' })
  // The keys and their types are those of `slices`; TypeScript does not see through Object.fromEntries.
  return schema as unknown as ComposedSchema<S>
}

const notAMap = (issue: { readonly code: string }): string | undefined =>
  issue.code === 'invalid_type' ? 'a configuration is a map of sections, such as "server:"' : undefined

function withDefault(slice: z.ZodType): z.ZodType {
  const kind = rootKind(slice)
  if (kind === 'object' || kind === 'record') return slice.prefault({})
  return kind === 'array' ? slice.prefault([]) : slice
}

const rootKind = (schema: z.core.$ZodType): string =>
  schema instanceof z.ZodPipe ? rootKind(schema.def.in) : schema instanceof z.ZodType ? schema.def.type : ''
