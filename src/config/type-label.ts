// Words for what a setting is: in problems, in the sample and on the reference page.

import { stringify } from 'yaml'
import type { JsonSchema } from './json-schema.ts'
import type { Located } from './located.ts'
import { namedVariantsOf } from './outline.ts'

/** `a duration`, `one of a, b`, `a list of URLs` … for a sentence. */
export function typeLabel(schema: JsonSchema | undefined): string {
  if (!schema) return 'a value'
  const named = namedTypes[schema['x-type'] ?? '']
  if (named !== undefined) return named
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return `one of ${schema.enum.map(String).join(', ')}`
  const variants = namedVariantsOf(schema)
  if (variants.length > 1) return [...new Set(variants.map(typeLabel))].join(' or ')
  if (schema.type === 'array') return `a list${eachOf(schema.items)}`
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `a map${eachOf(schema.additionalProperties)}`
  }
  return `${namedTypes[schema.type ?? ''] ?? 'a value'}${rangeOf(schema)}`
}

function eachOf(schema: JsonSchema | undefined): string {
  const label = typeLabel(schema)
  return label === 'a map' || label === 'a value' ? '' : ` (each: ${label})`
}

/** ` from 1 to 100`; the bounds of exact numbers are none that anybody set. */
function rangeOf({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): string {
  const [isAbove, isBelow] = [minimum !== Number.MIN_SAFE_INTEGER, maximum !== Number.MAX_SAFE_INTEGER]
  if (isAbove && isBelow) return ` from ${minimum} to ${maximum}`
  if (isAbove) return ` of at least ${minimum}`
  return isBelow ? ` of at most ${maximum}` : ''
}

/** What somebody wrote, by its kind only: the value may be a secret. */
export function kindOf(node: Located | undefined): string {
  if (!node) return 'not there'
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list'
  if (node.value === null) return 'empty'
  return (
    { string: 'text', number: 'a number', boolean: 'true or false' }[typeof node.value as string] ?? 'something else'
  )
}

/** A value as YAML on one line, or undefined if there is none. */
export const flowText = (value: unknown): string | undefined =>
  value === undefined ? undefined : stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()

const namedTypes: Readonly<Record<string, string | undefined>> = {
  duration: 'a duration',
  size: 'a size',
  rate: 'a rate',
  secret: 'a secret',
  path: 'a path',
  address: 'an address to listen on',
  URL: 'a URL',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
}
