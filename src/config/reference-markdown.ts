// `docs/reference/configuration.md`: a table of all keys for each section, and one for each type of a thing.

import type { z } from 'zod'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { constantKeys, isSecret, namedVariantsOf } from './outline.ts'
import { flowText, typeLabel } from './type-label.ts'

/** The reference page. Deterministic: the same schema gives the same text. */
export function toReferenceMarkdown(schema: z.ZodType): string {
  const { title, properties = {} } = toJsonSchema(schema)
  const sections = Object.entries(properties).map(([key, section]) => describeSection(key, section))
  return `${[`# ${title ?? 'Configuration'}`, introduction, ...sections.flat()].join('\n\n')}\n`
}

const introduction = [
  'Generated from the schema; do not edit.',
  'How files, overlays, variables and secrets work is in [Configuration](../operate/configuration.md).',
].join('\n')

function describeSection(key: string, section: JsonSchema): readonly string[] {
  const { rows, groups } = collect(key, section, { isRequired: false, isRoot: true })
  const head = [`## \`${key}\`${section.title === undefined ? '' : `: ${section.title}`}`]
  const about = [section.description, restartNote(section)].filter((text) => text !== undefined)
  return [...head, ...about, ...table(rows), ...groups.flatMap(({ heading, rows: own }) => [heading, ...table(own)])]
}

type Row = readonly [path: string, type: string, initial: string, description: string, example: string]

interface Collected {
  readonly rows: readonly Row[]
  readonly groups: readonly { readonly heading: string; readonly rows: readonly Row[] }[]
}

interface Spot {
  readonly isRequired: boolean
  /** The section itself, which its heading describes. */
  readonly isRoot?: boolean
}

function collect(path: string, schema: JsonSchema, { isRequired, isRoot = false }: Spot): Collected {
  const own = isRoot && schema.description === undefined && schema.properties ? [] : [rowOf(path, schema, isRequired)]
  const inner = isSecret(schema) ? [] : namedVariantsOf(schema).flatMap((variant) => variantsBelow(path, variant))
  const below = inner.length > 1 ? inner.map(asGroup) : inner.map(({ at, variant }) => collectKeys(at, variant))
  return {
    rows: [...(isRoot && schema.properties ? [] : own), ...below.flatMap(({ rows }) => rows)],
    groups: below.flatMap(({ groups }) => groups),
  }
}

interface Below {
  readonly at: string
  readonly variant: JsonSchema
}

/** The maps with keys of their own that a value is, or holds as entries. */
function variantsBelow(path: string, variant: JsonSchema): readonly Below[] {
  if (isSecret(variant)) return []
  if (variant.properties) return [{ at: path, variant }]
  if (variant.items) return namedVariantsOf(variant.items).flatMap((item) => variantsBelow(`${path}[]`, item))
  const { additionalProperties } = variant
  if (typeof additionalProperties !== 'object') return []
  return namedVariantsOf(additionalProperties).flatMap((value) => variantsBelow(`${path}.NAME`, value))
}

function collectKeys(at: string, variant: JsonSchema): Collected {
  const keys = Object.entries(variant.properties ?? {}).filter(([, child]) => child.const === undefined)
  const children = keys.map(([key, child]) =>
    collect(`${at}.${key}`, child, { isRequired: variant.required?.includes(key) === true }),
  )
  return { rows: children.flatMap(({ rows }) => rows), groups: children.flatMap(({ groups }) => groups) }
}

function asGroup({ at, variant }: Below): Collected {
  const { rows, groups } = collectKeys(at, variant)
  const constants = constantKeys(variant).map(([key, value]) => `\`${key}: ${String(value)}\``)
  const which = constants.length === 0 ? '' : ` with ${constants.join(', ')}`
  const heading = `### \`${at}\`${which}${variant.title === undefined ? '' : `: ${variant.title}`}`
  return { rows: [], groups: [{ heading, rows }, ...groups] }
}

function rowOf(path: string, schema: JsonSchema, isRequired: boolean): Row {
  const initial = isRequired ? 'required' : code(schema.properties ? undefined : schema.default)
  const type = typeLabel(schema).replace(/^an? /, '')
  const description = [schema.description, restartNote(schema)].filter((text) => text !== undefined).join(' ')
  return [`\`${path}\``, type, initial, description, code(exampleOf(schema))]
}

/** Everything else takes effect at a reload. */
function restartNote({ 'x-restart': need }: JsonSchema): string | undefined {
  if (need === undefined) return undefined
  return need === 'always' ? 'Takes effect at a restart.' : 'To add or to remove it needs a restart.'
}

/** A default already shows how a duration is written; an example beside it would only be noise. */
function exampleOf(schema: JsonSchema): unknown {
  const shows = schema['x-type'] !== undefined && schema.default !== undefined && schema.default !== ''
  return shows ? undefined : schema.examples?.[0]
}

const code = (value: unknown): string => (value === undefined ? '' : `\`${flowText(value)}\``)

function table(rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return []
  const head = ['Key', 'Type', 'Default', 'Description', 'Example']
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`)
  return [lines.join('\n')]
}

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
