// Every setting in effect, with where it comes from: what was written, and the defaults of all the rest, as an operator
// would write them. `config print` and the warnings about dangerous settings read this.

import type { JsonSchema } from './json-schema.ts'
import { childOf, type Located, locate, toPlain } from './located.ts'
import { formatOrigin, fromDefault, type Origin } from './origin.ts'
import { asOne, childSchemas, isSecret, knownKeys } from './outline.ts'
import { formatPath, type SettingPath } from './setting-path.ts'
import { kindOf } from './type-label.ts'

export interface Setting {
  readonly path: string
  /** As an operator writes it; `[secret]` for a secret. */
  readonly value: unknown
  readonly origin: Origin
  /** For a reference: where the secret is read from, `file /run/secrets/x` or `environment NAME`. */
  readonly secretFrom?: string
}

export interface ConfigWarning {
  readonly path: string
  readonly origin: Origin
  readonly message: string
}

export interface Effective {
  readonly settings: readonly Setting[]
  readonly warnings: readonly ConfigWarning[]
}

/** All settings, in the order of the schema. */
export function effectiveSettings(schema: JsonSchema, tree: Located): Effective {
  const settings: Setting[] = []
  const warnings: ConfigWarning[] = []

  const visit = (path: SettingPath, at: JsonSchema | undefined, written: Located | undefined): void => {
    const node = written ?? (at?.default === undefined ? undefined : locate(at.default, fromDefault))
    if (!node) return
    if (isDangerous(path) && written && !isDefault(at, written)) warnings.push(describeDanger(path, at, written))
    if (isSecret(at)) settings.push(describeSecret(path, node))
    else if (isLeaf(node, at)) settings.push({ path: formatPath(path), value: redact(toPlain(node)), origin: node.at })
    else
      for (const part of partsOf(node, at))
        visit([...path, part], asOne(childSchemas(at, node, part)), childOf(node, part))
  }

  visit([], schema, tree)
  return { settings, warnings }
}

/** What is printed as one value: a scalar, a list of scalars, anything empty. */
const isLeaf = (node: Located, schema: JsonSchema | undefined): boolean =>
  node.kind === 'list' ? node.items.every(({ kind }) => kind === 'scalar') : partsOf(node, schema).length === 0

function partsOf(node: Located, schema: JsonSchema | undefined): readonly (string | number)[] {
  if (node.kind === 'list') return node.items.map((_, index) => index)
  return node.kind === 'map' ? [...new Set([...knownKeys(schema, node), ...node.entries.keys()])] : []
}

function describeSecret(path: SettingPath, node: Located): Setting {
  const [file, env] = [textAt(node, 'file'), textAt(node, 'env')]
  const secretFrom = file === undefined ? env && `environment ${env}` : `file ${file}`
  const hidden = { path: formatPath(path), value: '[secret]', origin: node.at }
  return secretFrom === undefined ? hidden : { ...hidden, secretFrom }
}

function textAt(node: Located, key: string): string | undefined {
  const child = childOf(node, key)
  return child?.kind === 'scalar' ? String(child.value) : undefined
}

const isDangerous = (path: SettingPath): boolean => /^dangerously[A-Z]/.test(String(path.at(-1) ?? ''))

const isDefault = (schema: JsonSchema | undefined, written: Located): boolean =>
  JSON.stringify(toPlain(written)) === JSON.stringify(schema?.default ?? false)

function describeDanger(path: SettingPath, schema: JsonSchema | undefined, written: Located): ConfigWarning {
  const value = written.kind === 'scalar' ? String(written.value) : kindOf(written)
  const because = schema?.description ?? 'It weakens security.'
  const message = `${formatPath(path)} is ${value} (${formatOrigin(written.at)}). ${because}`
  return { path: formatPath(path), origin: written.at, message }
}

/** A password in a URL belongs into a secret; where one slipped in anyway, it is not printed. */
const redact = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redact)
  return typeof value === 'string' ? value.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1[secret]@') : value
}
