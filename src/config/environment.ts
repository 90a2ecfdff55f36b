// Overrides by environment: `GATEHOUSE_SERVER__LISTEN` sets `server.listen`, `…_FILE` reads the value from a file. The
// environment is one more overlay, on top of all files. What names no setting is a problem, except what tests and
// Kubernetes put there. Values are never repeated in problems.

import { resolve } from 'node:path'
import type { ConfigInputs, Environment } from './inputs.ts'
import type { JsonSchema } from './json-schema.ts'
import { childOf, emptyMap, type Located, locate } from './located.ts'
import type { Origin } from './origin.ts'
import { asOne, childSchemas, isSecret, variantsOf } from './outline.ts'
import { overlay } from './overlay.ts'
import { type ConfigProblem, defineProblem } from './problem.ts'
import { formatPath, type SettingPath } from './setting-path.ts'
import { withoutLastNewline } from './text-file.ts'
import { environmentPrefix, findTarget, suggestVariable, type Target, type UnknownTarget } from './variable-name.ts'
import { maxConfigBytes, parseYaml } from './yaml-source.ts'

export interface EnvironmentRequest {
  readonly tree: Located
  readonly schema: JsonSchema
  readonly inputs: ConfigInputs
  readonly cwd: string
}

export interface EnvironmentResult {
  readonly tree: Located
  readonly problems: readonly ConfigProblem[]
}

/** The tree with what the environment says on top. Variables apply in the order of their names. */
export function applyEnvironment({ tree, schema, inputs, cwd }: EnvironmentRequest): EnvironmentResult {
  const problems: ConfigProblem[] = []
  const setBy = new Map<string, string>()
  let result = tree
  for (const [variable, text] of settingsIn(inputs.env)) {
    const target = findTarget(schema, result, variable)
    if ('unknown' in target) {
      if (!isFromKubernetes(variable, text)) problems.push(unknownVariable(variable, target))
      continue
    }
    const path = formatPath(target.path)
    const twin = setBy.get(path)
    const read =
      twin === undefined ? readValue({ variable, text, target, inputs, cwd }) : setTwice(variable, twin, target.path)
    setBy.set(path, variable)
    if ('what' in read) problems.push(read)
    else result = setAt(result, target.path, read, schema)
  }
  return { tree: result, problems }
}

/** An empty variable is one that is not set, as in `docker run -e NAME=`. */
const settingsIn = (env: Environment): readonly (readonly [variable: string, text: string])[] =>
  Object.entries(env)
    .flatMap(([name, text = '']) => (isSetting(name) && text !== '' ? [[name, text] as const] : []))
    .sort(([a], [b]) => (a < b ? -1 : 1))

const isSetting = (name: string): boolean =>
  name.startsWith(environmentPrefix) && !name.startsWith(`${environmentPrefix}TEST_`)

/** Kubernetes describes a Service called `gatehouse…` in variables of every pod of its namespace. */
const isFromKubernetes = (name: string, text: string): boolean =>
  /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_[A-Z]+(_(PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith('_PORT') && /^[a-z]+:\/\//.test(text))

interface Written {
  readonly variable: string
  readonly text: string
  readonly target: Target
  readonly inputs: ConfigInputs
  readonly cwd: string
}

function readValue({ variable, text, target, inputs, cwd }: Written): Located | ConfigProblem {
  const origin: Origin = { kind: 'env', name: variable }
  if (isSecret(target.schema)) return toSecretReference(text, target, origin)
  if (!target.fromFile) return parseValue(text, target, () => origin)
  const file = inputs.readText(resolve(cwd, text), maxConfigBytes)
  if ('text' in file) return parseValue(withoutLastNewline(file.text), target, () => origin)
  const why = `the file that ${variable} names cannot be read: ${file.reason}`
  return defineProblem({ path: target.path, origin, what: 'no value', why, fix: `correct ${variable}` })
}

/** What stands for the secret; the schema reads it. A variable may hold the secret or a reference to it. */
function toSecretReference(text: string, target: Target, origin: Origin & { kind: 'env' }): Located {
  if (target.fromFile) return locate({ file: text }, origin)
  const written = parseYaml(text, () => origin).tree
  const isReference = written?.kind === 'map' && (written.entries.has('file') || written.entries.has('env'))
  return isReference ? written : locate({ env: origin.name }, origin)
}

/**
 * Text where the setting takes nothing else; otherwise a YAML scalar, list or map.
 *
 * @param originAt where the line and column of the text are
 */
export function parseValue(
  text: string,
  { schema, path }: Target,
  originAt: (line: number, column: number) => Origin,
): Located | ConfigProblem {
  const origin = originAt(1, 1)
  const types = new Set(variantsOf(schema).map(({ type }) => type ?? 'any'))
  const { tree, problems } = parseYaml(text, originAt)
  if (tree?.kind === 'scalar' && tree.value === null) return tree
  const isText = types.has('string') && (types.size === 1 || !tree || !typesOf(tree).some((type) => types.has(type)))
  if (isText) return locate(text, origin)
  if (tree && problems.length === 0) return tree
  const [problem] = problems
  const fix = problem?.fix ?? 'write the value as in a configuration file'
  const why = problem?.why ?? 'it is not YAML'
  return defineProblem({ path, origin: problem?.origin ?? origin, what: 'not usable as YAML', why, fix })
}

function typesOf(node: Located): readonly string[] {
  if (node.kind !== 'scalar') return ['any', node.kind === 'map' ? 'object' : 'array']
  return Number.isInteger(node.value) ? ['any', 'integer', 'number'] : ['any', typeof node.value]
}

function setAt(tree: Located, path: SettingPath, value: Located, schema: JsonSchema | undefined): Located {
  const [part, ...rest] = path
  if (part === undefined) return overlay(tree, value, schema)
  const child = childOf(tree, part)
  const set = setAt(child ?? emptyMap(value.at), rest, value, asOne(childSchemas(schema, tree, part)))
  if (tree.kind === 'list') return { ...tree, items: tree.items.map((item, index) => (index === part ? set : item)) }
  return overlay(tree, { ...emptyMap(value.at), entries: new Map([[String(part), set]]) }, schema)
}

function setTwice(variable: string, twin: string, path: SettingPath): ConfigProblem {
  const origin: Origin = { kind: 'env', name: variable }
  const why = `${twin} and ${variable} set the same key`
  return defineProblem({ path, origin, what: 'set twice', why, fix: 'unset one of them' })
}

function unknownVariable(variable: string, target: UnknownTarget): ConfigProblem {
  const { path, known } = target
  const meant = suggestVariable(variable, target)
  const where = path.length === 0 ? 'the configuration' : formatPath(path)
  const names =
    known.length === 0 ? `${where} has nothing that a variable could set` : `known here: ${known.join(', ')}`
  return defineProblem({
    path,
    origin: { kind: 'env', name: variable },
    what: 'unknown variable',
    why: `${variable} names no setting; ${names}`,
    fix: meant === undefined ? 'correct the name, or unset it' : `did you mean ${meant}?`,
    didYouMean: meant,
  })
}
