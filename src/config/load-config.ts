// Files, etcd and environment → the frozen configuration, or everything that is wrong with it at once.
// Called by `main.ts` and the CLI; features never import it, they are handed their slice.

import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { Secret } from '#kernel'
import { applyEnvironment } from './environment.ts'
import { applyEtcd, type EtcdSettings } from './etcd-overlay.ts'
import { explainIssue } from './explain-issue.ts'
import { deepFreeze } from './freeze.ts'
import { type ConfigInputs, createInputs, type Environment, withInputs } from './inputs.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { childOf, type Located, toPlain } from './located.ts'
import type { Origin } from './origin.ts'
import { asOne, childSchemas, variantsOf } from './outline.ts'
import { overlayAll, withoutNulls } from './overlay.ts'
import { type ConfigProblem, defineProblem, inReadingOrder } from './problem.ts'
import { type ConfigWarning, effectiveSettings, type Setting } from './settings.ts'
import { maxConfigBytes, type ParsedSource, parseYaml } from './yaml-source.ts'

/** The path of a file, or a text with the name under which problems mention it. */
export type ConfigSource = string | { readonly name: string; readonly text: string }

export interface ConfigRequest<Schema extends z.ZodType> {
  /** Later ones overlay earlier ones. */
  readonly files: readonly ConfigSource[]
  readonly env: Environment
  readonly schema: Schema
  /** What relative paths of files, and of paths in variables, are relative to. */
  readonly cwd: string
  /** Texts of files, by absolute path, that are taken instead of what is on the disk: those of an earlier reading. */
  readonly given?: ReadonlyMap<string, string>
  /** What etcd holds, if settings are kept there. */
  readonly etcd?: EtcdSettings | undefined
}

interface Reading {
  /** Absolute paths of all files that were read or are named by a setting: if one changes, so may the configuration. */
  readonly files: readonly string[]
  /** The texts that were read, secrets among them, by absolute path: to be `given` to another process. */
  readonly texts: Secret<ReadonlyMap<string, string>>
  /** What was taken from etcd. */
  readonly etcd: EtcdSettings | undefined
}

export interface LoadedConfig<Config> extends Reading {
  readonly ok: true
  /** Frozen all the way down. */
  readonly config: Config
  /** Every setting in effect, secrets hidden, with its origin. */
  readonly settings: readonly Setting[]
  /** To be logged at each start. */
  readonly warnings: readonly ConfigWarning[]
}

export interface RefusedConfig extends Reading {
  readonly ok: false
  readonly problems: readonly ConfigProblem[]
}

/**
 * Reads and checks the configuration.
 *
 * @example
 * const loaded = loadConfig({ files: ['gatehouse.yaml'], env: process.env, schema: configSchema, cwd: process.cwd() })
 * if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
 */
export function loadConfig<Schema extends z.ZodType>(
  request: ConfigRequest<Schema>,
): LoadedConfig<z.output<Schema>> | RefusedConfig {
  const inputs = createInputs(request.env, request.given)
  const names = request.files.map((source) => (typeof source === 'string' ? source : source.name))
  const refuse = (problems: readonly ConfigProblem[]): RefusedConfig => ({
    ok: false,
    problems: inReadingOrder(problems, names),
    files: [...inputs.seen.keys()],
    texts: textsOf(inputs),
    etcd: request.etcd,
  })
  const schema = toJsonSchema(request.schema)
  const { tree, problems } = readTree(request, schema, inputs)
  if (tree === undefined) return refuse(problems)
  const parsed = withInputs(inputs, () => request.schema.safeParse(toPlain(tree)))
  problems.push(...(parsed.error?.issues ?? []).flatMap((issue) => explainIssue(issue, { tree, schema })))
  if (!parsed.success || problems.length > 0) return refuse(problems)
  const { settings, warnings } = effectiveSettings(schema, tree, inputs)
  return {
    ok: true,
    config: deepFreeze(parsed.data),
    settings,
    warnings,
    files: [...new Set([...inputs.seen.keys(), ...settings.flatMap(({ namedFile }) => namedFile ?? [])])],
    texts: textsOf(inputs),
    etcd: request.etcd,
  }
}

/**
 * One section alone, without what etcd holds: it says where etcd is. Undefined if it is wrong, or if anything keeps it from
 * being read; `loadConfig` says what.
 */
export function loadSection<Section extends z.ZodType>(
  request: Omit<ConfigRequest<z.ZodType>, 'etcd'>,
  key: string,
  section: Section,
): z.output<Section> | undefined {
  const inputs = createInputs(request.env, request.given)
  const { tree } = readTree(request, toJsonSchema(request.schema), inputs)
  const written = tree && childOf(tree, key)
  const parsed = withInputs(inputs, () => section.safeParse(written === undefined ? {} : toPlain(written)))
  return tree === undefined || !parsed.success ? undefined : deepFreeze(parsed.data)
}

/** All that is written, put together; undefined if a file is missing: then what is unknown is anybody's guess. */
function readTree(
  request: ConfigRequest<z.ZodType>,
  schema: JsonSchema,
  inputs: ConfigInputs,
): { readonly tree?: Located; readonly problems: ConfigProblem[] } {
  const { cwd } = request
  const sources = request.files.map((source) => readSource(source, inputs, cwd))
  const problems = sources.flatMap((source) => source.problems)
  const trees = sources.flatMap(({ tree }) => tree ?? [])
  if (trees.length < sources.length) return { problems }

  const files = overlayAll(trees, schema)
  const overlaid = request.etcd === undefined ? { tree: files, problems: [] } : applyEtcd(files, schema, request.etcd)
  const overridden = applyEnvironment({ tree: overlaid.tree, schema, inputs, cwd })
  problems.push(...overlaid.problems, ...overridden.problems)
  return { tree: withAbsolutePaths(withoutNulls(overridden.tree), schema, cwd), problems }
}

const textsOf = ({ seen }: ConfigInputs): Secret<ReadonlyMap<string, string>> =>
  new Secret(new Map([...seen].flatMap(([path, text]) => (text === undefined ? [] : [[path, text]]))))

function readSource(source: ConfigSource, inputs: ConfigInputs, cwd: string): ParsedSource {
  if (typeof source !== 'string') return parseYaml(source.text, placeIn(source.name))
  const read = inputs.readText(resolve(cwd, source), maxConfigBytes)
  if ('text' in read) return parseYaml(read.text, placeIn(source))
  const origin = placeIn(source)(1, 1)
  const fix = 'name the file with --config, or start one with: gatehouse config sample > gatehouse.yaml'
  return { problems: [defineProblem({ path: [], origin, what: 'cannot be read', why: read.reason, fix })] }
}

const placeIn =
  (file: string) =>
  (line: number, column: number): Origin => ({ kind: 'file', file, line, column })

/** Paths are relative to the file that names them; once overlaid, only the origin still knows which that was. */
function withAbsolutePaths(tree: Located, schema: JsonSchema | undefined, cwd: string): Located {
  if (tree.kind === 'list') {
    const each = (item: Located, index: number): Located =>
      withAbsolutePaths(item, asOne(childSchemas(schema, tree, index)), cwd)
    return { ...tree, items: tree.items.map(each) }
  }
  if (tree.kind === 'map') {
    const child = (key: string, value: Located): Located =>
      withAbsolutePaths(value, asOne(childSchemas(schema, tree, key)), cwd)
    return { ...tree, entries: new Map([...tree.entries].map(([key, value]) => [key, child(key, value)])) }
  }
  const isPath = variantsOf(schema).some((variant) => variant['x-type'] === 'path')
  if (!isPath || typeof tree.value !== 'string' || tree.value === '') return tree
  const directory = tree.at.kind === 'file' ? dirname(resolve(cwd, tree.at.file)) : cwd
  return { ...tree, value: resolve(directory, tree.value) }
}
