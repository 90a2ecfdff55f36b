// The commented sample, `config.example.yaml`: every key with what it is for and its default or an example, all of it
// commented out. `##` starts an explanation; taking `# ` from the other lines gives a valid tree of keys.

import { stringify } from 'yaml'
import type { z } from 'zod'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { constantKeys, isSecret, namedVariantsOf } from './outline.ts'
import { flowText, typeLabel } from './type-label.ts'

const proseWidth = 110

/** @param schemaLocation where editors find the JSON Schema, relative to the sample */
export function toSampleYaml(schema: z.ZodType, schemaLocation?: string): string {
  const { title, properties = {} } = toJsonSchema(schema)
  const sections = Object.entries(properties).map(([key, section]) => [
    '',
    ...prose(0, `${section.title ?? key} ${'─'.repeat(Math.max(3, 60 - (section.title ?? key).length))}`),
    ...describeKey(key, { ...section, description: section.description ?? '' }, { depth: 0, isRequired: false }),
  ])
  const head = [
    ...(schemaLocation === undefined ? [] : [`# yaml-language-server: $schema=${schemaLocation}`]),
    ...prose(
      0,
      `${title ?? 'Configuration'}: every key, with its default or an example. Generated; copy what you need.`,
    ),
    ...prose(0, 'Lines with ## explain. Take "# " from the others to use them.'),
  ]
  return `${[...head, ...sections.flat()].join('\n')}\n`
}

interface Spot {
  readonly depth: number
  readonly isRequired: boolean
}

function describeKey(key: string, schema: JsonSchema, { depth, isRequired }: Spot): readonly string[] {
  const value = shownValue(schema)
  const note = noteOn(schema, isRequired, value)
  const about = [schema.description?.replace(/\s+/g, ' ').replace(/([^.!?])$/, '$1.'), note].filter(Boolean).join(' ')
  const lines = nested(schema, depth + 1)
  if (lines.length > 0) return [...prose(depth, about), line(depth, `${key}:`), ...lines]
  return [...prose(depth, about), ...entry(depth, key, value)]
}

/** The lines below a key whose value has keys of its own; none if it is written in one line. */
function nested(schema: JsonSchema, depth: number): readonly string[] {
  if (isSecret(schema)) return []
  const variants = namedVariantsOf(schema)
  const [list] = variants.filter(({ type, items }) => type === 'array' && mapsOf(items).length > 0)
  if (list) return mapsOf(list.items).flatMap((variant) => [...titleOf(variant, depth), ...item(variant, depth)])
  const [first, ...others] = mapsOf(schema)
  if (!first) return []
  if (others.length === 0) return keysOf(first, depth)
  const alternatives = others.flatMap((variant) => [
    ...prose(depth, `or: ${variant.title ?? ''}`),
    ...keysOf(variant, depth).map(toProse),
  ])
  return [...titleOf(first, depth), ...keysOf(first, depth), ...alternatives]
}

/** The variants with keys of their own, the default one first. Free maps of single values are written in one line. */
function mapsOf(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (isSecret(schema)) return []
  const maps = namedVariantsOf(schema).filter((variant) => variant.properties || hasKeysBelow(freeValueOf(variant)))
  return maps.toSorted((a, b) => Number(isDefault(b, schema?.default)) - Number(isDefault(a, schema?.default)))
}

const hasKeysBelow = (schema: JsonSchema | undefined): boolean =>
  !isSecret(schema) &&
  namedVariantsOf(schema).some(
    (variant) => variant.properties || hasKeysBelow(variant.items) || hasKeysBelow(freeValueOf(variant)),
  )

const isDefault = (variant: JsonSchema, initial: unknown): boolean => {
  const given = new Map(Object.entries(initial ?? {}))
  return constantKeys(variant).some(([key, constant]) => given.get(key) === constant)
}

const freeValueOf = ({ additionalProperties }: JsonSchema): JsonSchema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined

function keysOf(variant: JsonSchema, depth: number): readonly string[] {
  const value = freeValueOf(variant)
  if (!variant.properties && value) return describeKey('NAME', value, { depth, isRequired: false })
  const constants = constantKeys(variant)
  const rest = Object.entries(variant.properties ?? {}).filter(([, child]) => child.const === undefined)
  return [
    ...constants.map(([key, constant]) => line(depth, `${key}: ${flowText(constant)}`)),
    ...rest.flatMap(([key, child]) =>
      describeKey(key, child, { depth, isRequired: variant.required?.includes(key) === true }),
    ),
  ]
}

/** The keys of one entry, the first of them after a dash. */
function item(variant: JsonSchema, depth: number): readonly string[] {
  const lines = keysOf(variant, depth + 1)
  const first = lines.findIndex((each) => !each.startsWith('##'))
  const dash = `# ${'  '.repeat(depth)}- `
  return lines.map((each, index) => (index === first ? dash + each.slice(dash.length) : each))
}

function shownValue(schema: JsonSchema): unknown {
  const example = schema.examples?.[0]
  if (schema.default !== undefined && !(isEmpty(schema.default) && example !== undefined)) return schema.default
  return example ?? schema.enum?.[0] ?? placeholder(schema)
}

function placeholder(schema: JsonSchema): unknown {
  const [variant = schema] = namedVariantsOf(schema)
  if (variant['x-type'] !== undefined) return variant.examples?.[0] ?? placeholders[variant['x-type']] ?? '…'
  return variant.examples?.[0] ?? placeholders[variant.type ?? ''] ?? variant.const ?? '…'
}

const placeholders: Readonly<Record<string, unknown>> = {
  path: '/path/to/file',
  URL: 'https://example.org',
  boolean: true,
  integer: 1,
  number: 1,
  array: [],
  object: {},
}

function noteOn(schema: JsonSchema, isRequired: boolean, value: unknown): string {
  if (isRequired) return 'Required.'
  if (schema.default === undefined) return schema.description === '' ? '' : optional(schema)
  return isEmpty(schema.default) && value !== schema.default ? `Default: ${flowText(schema.default)}.` : ''
}

const optional = (schema: JsonSchema): string =>
  nested(schema, 0).length > 0 ? 'Optional.' : `Optional: ${typeLabel(schema)}.`

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

const titleOf = (variant: JsonSchema, depth: number): readonly string[] =>
  variant.title === undefined ? [] : prose(depth, `${variant.title}:`)

const entry = (depth: number, key: string, value: unknown): readonly string[] => {
  const text = flowText({ [key]: value })?.replace(/^\{ ?([\s\S]*?) ?\}$/, '$1') ?? ''
  return text.includes('\n')
    ? stringify({ [key]: value })
        .trimEnd()
        .split('\n')
        .map((each) => line(depth, each))
    : [line(depth, text)]
}

const line = (depth: number, text: string): string => `# ${'  '.repeat(depth)}${text}`

/** A line of an alternative: YAML that `##` takes out, with its explanations as comments in it. */
const toProse = (text: string): string =>
  text.startsWith('##') ? text.replace(/^##( *)/, '##$1# ') : text.replace(/^#/, '##')

/** An explanation, broken into lines and indented like the key that it explains. */
function prose(depth: number, text: string): readonly string[] {
  const indent = '  '.repeat(depth)
  const lines: string[] = []
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > proseWidth - indent.length) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((each) => `## ${indent}${each}`)
}
