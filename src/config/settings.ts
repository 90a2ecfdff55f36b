// Every setting in effect, with where it comes from: what was written, and the defaults of all the rest, as an operator
// would write them. `config print`, `config plan` and the warnings about dangerous settings read this.

import { Secret } from '#kernel'
import { whyExposed } from './exposed-file.ts'
import type { ConfigInputs } from './inputs.ts'
import type { JsonSchema, RestartNeed } from './json-schema.ts'
import { childOf, type Located, locate, toPlain } from './located.ts'
import { formatOrigin, fromDefault, type Origin } from './origin.ts'
import { asOne, childSchemas, isSecret, knownKeys, variantsOf } from './outline.ts'
import { readSecret, type SecretReference } from './secret-ref.ts'
import { formatPath, type SettingPath } from './setting-path.ts'
import { kindOf } from './type-label.ts'

export interface Setting {
  readonly path: string
  /** As an operator writes it; `[secret]` for a secret. */
  readonly value: unknown
  readonly origin: Origin
  /** For a reference: where the secret is read from, `file /run/secrets/x` or `environment NAME`. */
  readonly secretFrom?: string
  /** The path with the things of a list by their names instead of their numbers: what stays when others come and go. */
  readonly place: SettingPath
  /** The file that the setting names, if it names one. */
  readonly namedFile?: string
  /** What the secret, or the file that is read with the configuration, holds: to see whether it is still the same. */
  readonly content?: Secret
  readonly restart?: RestartNeed
}

export interface ConfigWarning {
  /** `dangerous`: a setting weakens security. `exposed`: others can get at the file of a secret. */
  readonly kind: 'dangerous' | 'exposed'
  readonly path: string
  readonly origin: Origin
  readonly message: string
}

export interface Effective {
  readonly settings: readonly Setting[]
  readonly warnings: readonly ConfigWarning[]
}

/** All settings, in the order of the schema. @param inputs what the tree was read from. */
export function effectiveSettings(schema: JsonSchema, tree: Located, inputs: ConfigInputs): Effective {
  const settings: Setting[] = []
  const warnings: ConfigWarning[] = []

  const visit = (spot: Spot, at: JsonSchema | undefined, written: Located | undefined): void => {
    const node = written ?? (at?.default === undefined ? undefined : locate(at.default, fromDefault))
    if (!node) return
    if (isDangerous(spot.path) && written && !isDefault(at, written))
      warnings.push(describeDanger(spot.path, at, written))
    const restart = at?.['x-restart'] ?? spot.restart
    const shared = { path: formatPath(spot.path), place: spot.place, origin: node.at, ...(restart && { restart }) }
    if (isSecret(at)) settings.push({ ...shared, ...describeSecret(node, inputs) })
    else if (isLeaf(node, at)) settings.push({ ...shared, value: redact(toPlain(node)), ...fileAt(node, at, inputs) })
    else
      for (const part of partsOf(node, at)) {
        const child = childOf(node, part)
        const name = typeof part === 'number' ? (nameOf(child) ?? part) : part
        const below = { path: [...spot.path, part], place: [...spot.place, name], restart }
        visit(below, asOne(childSchemas(at, node, part)), child)
      }
  }

  visit({ path: [], place: [], restart: undefined }, schema, tree)
  return { settings, warnings: [...warnings, ...findExposed(settings)] }
}

interface Spot {
  readonly path: SettingPath
  readonly place: SettingPath
  readonly restart: RestartNeed | undefined
}

/** What tells the things of a list apart: their ids or, where these are optional, their paths. */
function nameOf(item: Located | undefined): string | undefined {
  for (const key of ['id', 'path']) {
    const name = childOf(item, key)
    if (name?.kind === 'scalar' && typeof name.value === 'string') return name.value
  }
  return undefined
}

/** What is printed as one value: a scalar, a list of scalars, anything empty. */
const isLeaf = (node: Located, schema: JsonSchema | undefined): boolean =>
  node.kind === 'list' ? node.items.every(({ kind }) => kind === 'scalar') : partsOf(node, schema).length === 0

function partsOf(node: Located, schema: JsonSchema | undefined): readonly (string | number)[] {
  if (node.kind === 'list') return node.items.map((_, index) => index)
  return node.kind === 'map' ? [...new Set([...knownKeys(schema, node), ...node.entries.keys()])] : []
}

function describeSecret(node: Located, inputs: ConfigInputs) {
  const [file, env] = [textAt(node, 'file'), textAt(node, 'env')]
  const hidden = { value: '[secret]' }
  if (file === undefined && env === undefined) return hidden
  const reference: SecretReference = file === undefined ? { env: env ?? '' } : { file }
  const found = readSecret(reference, inputs)
  return {
    ...hidden,
    secretFrom: file === undefined ? `environment ${env}` : `file ${file}`,
    ...(file !== undefined && { namedFile: file }),
    ...('value' in found && { content: new Secret(found.value) }),
  }
}

function fileAt(node: Located, schema: JsonSchema | undefined, inputs: ConfigInputs) {
  const isPath = variantsOf(schema).some((variant) => variant['x-type'] === 'path')
  if (!isPath || node.kind !== 'scalar' || typeof node.value !== 'string') return {}
  const content = inputs.seen.get(node.value)
  return { namedFile: node.value, ...(content !== undefined && { content: new Secret(content) }) }
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
  return { kind: 'dangerous', path: formatPath(path), origin: written.at, message }
}

/** Files that hold a secret: those of references, and private keys. */
export const secretFilesOf = (settings: readonly Setting[]): readonly string[] => [
  ...new Set(settings.flatMap((setting) => (holdsSecret(setting) ? (setting.namedFile ?? []) : []))),
]

const holdsSecret = ({ secretFrom, path }: Setting): boolean => secretFrom !== undefined || /(?:^|\.)key$/.test(path)

function findExposed(settings: readonly Setting[]): readonly ConfigWarning[] {
  return settings.filter(holdsSecret).flatMap(({ path, origin, namedFile }) => {
    const why = namedFile === undefined ? undefined : whyExposed(namedFile)
    if (why === undefined) return []
    const message = `${path}: ${namedFile} holds a secret, and ${why}. Give it to the user that runs this, with mode 600.`
    return [{ kind: 'exposed', path, origin, message } as const]
  })
}

/** A password in a URL belongs into a secret; where one slipped in anyway, it is not printed. */
const redact = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redact)
  return typeof value === 'string' ? value.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1[secret]@') : value
}
