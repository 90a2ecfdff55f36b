// Finding one's way in the JSON Schema of the configuration: what may stand at a path, given what stands there now.
// A union is a list of variants; a map chooses its variant by constant keys such as `type`.

import type { JsonSchema } from './json-schema.ts'
import { childOf, type Located, type LocatedMap } from './located.ts'
import type { SettingPath } from './setting-path.ts'

/** The alternatives of a schema; a schema that is no union is its own only one. */
export function variantsOf(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (!schema) return []
  const branches = schema.anyOf ?? schema.oneOf
  return branches ? branches.flatMap(variantsOf) : [schema]
}

/** The alternatives as people know them: what has a name of its own, such as a secret, is one. */
export function namedVariantsOf(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (!schema) return []
  const branches = schema['x-type'] === undefined ? (schema.anyOf ?? schema.oneOf) : undefined
  return branches ? branches.flatMap(namedVariantsOf) : [schema]
}

/** The variants that a value belongs to; all of them if it fits none, so that there is something to compare it with. */
export function variantsFor(schema: JsonSchema | undefined, value: Located | undefined): readonly JsonSchema[] {
  const variants = variantsOf(schema)
  const sameKind = value ? variants.filter((variant) => isOfKind(variant, value)) : variants
  if (value?.kind !== 'map') return sameKind
  const chosen = sameKind.filter((variant) => constantsMatch(variant, value))
  return chosen.length > 0 ? chosen : sameKind
}

/** The schemas of the child under a key or an index. */
export function childSchemas(schema: JsonSchema | undefined, value: Located | undefined, part: string | number) {
  return variantsFor(schema, value).flatMap((variant) => childSchema(variant, part) ?? [])
}

/** The schema at a path; several that are possible become one union. */
export function schemaAt(root: JsonSchema, tree: Located | undefined, path: SettingPath): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root
  let value = tree
  for (const part of path) {
    schema = asOne(childSchemas(schema, value, part))
    value = value && childOf(value, part)
  }
  return schema
}

/** Every key that may stand in a map at this place. */
export const knownKeys = (schema: JsonSchema | undefined, value: Located | undefined): readonly string[] => [
  ...new Set(variantsFor(schema, value).flatMap((variant) => Object.keys(variant.properties ?? {}))),
]

/** The constant keys that tell the variants of a union apart, such as `type`. */
export const constantKeys = (variant: JsonSchema): readonly (readonly [key: string, value: unknown])[] =>
  Object.entries(variant.properties ?? {}).flatMap(([key, child]) =>
    child.const === undefined ? [] : [[key, child.const]],
  )

/** Several schemas as one. */
export const asOne = (schemas: readonly JsonSchema[]): JsonSchema | undefined =>
  schemas.length > 1 ? { anyOf: schemas } : schemas[0]

/** Whether a place holds a secret reference, so that nothing of it may be shown. */
export const isSecret = (schema: JsonSchema | undefined): boolean =>
  schema?.['x-type'] === 'secret' || (schema?.anyOf ?? schema?.oneOf ?? []).some(isSecret)

const isOfKind = (variant: JsonSchema, value: Located): boolean => {
  if (value.kind === 'map') return variant.type === 'object'
  if (value.kind === 'list') return variant.type === 'array'
  return variant.type !== 'object' && variant.type !== 'array'
}

const constantsMatch = (variant: JsonSchema, value: LocatedMap): boolean =>
  constantKeys(variant).every(([key, constant]) => {
    const written = value.entries.get(key)
    return written?.kind === 'scalar' && written.value === constant
  })

function childSchema(variant: JsonSchema, part: string | number): JsonSchema | undefined {
  if (typeof part === 'number') return variant.items
  const { properties = {}, additionalProperties } = variant
  if (Object.hasOwn(properties, part)) return properties[part]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
