// What zod found → problems that name the place, the reason and the remedy. Of a union only the errors of the variant
// that was meant are told. Values are shown only where the schema lists what is possible, and never of secrets.

import type { z } from 'zod'
import type { JsonSchema } from './json-schema.ts'
import { childOf, findNode, type Located, nearestNode } from './located.ts'
import type { Origin } from './origin.ts'
import { isSecret, knownKeys, schemaAt, variantsOf } from './outline.ts'
import { type ConfigProblem, defineProblem, type ProblemFacts } from './problem.ts'
import { formatPath, type SettingPath } from './setting-path.ts'
import { suggest } from './suggest.ts'
import { flowText, kindOf, typeLabel } from './type-label.ts'

export interface Written {
  readonly tree: Located
  readonly schema: JsonSchema
}

type Issue = z.core.$ZodIssue

/** The problems that one issue stands for. */
export const explainIssue = (issue: Issue, written: Written): readonly ConfigProblem[] =>
  meantIssues(issue).flatMap((meant) => explainOne(meant, written).map(defineProblem))

function explainOne(issue: Issue, written: Written): readonly ProblemFacts[] {
  const path = toPath(issue.path)
  const at: Spot = {
    path,
    schema: schemaAt(written.schema, written.tree, path),
    node: findNode(written.tree, path),
    written,
  }
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, at))
  if (at.node === undefined && issue.code !== 'custom') return [missing(at)]
  if (issue.code === 'invalid_value') return [notAChoice(issue.values, at)]
  if (issue.code === 'invalid_union' && 'options' in issue) return [notAChoice(issue.options ?? [], at)]
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') return [wrongType(issue, at)]
  return [notAllowed(issue, at)]
}

/** One place of the configuration: what may stand there and what does. */
interface Spot {
  readonly path: SettingPath
  readonly schema: JsonSchema | undefined
  readonly node: Located | undefined
  readonly written: Written
}

function unknownKey(key: string, { path, schema, node }: Spot): ProblemFacts {
  const known = knownKeys(schema, node)
  const meant = suggest(key, known)
  const owner = path.length === 0 ? 'the configuration' : formatPath(path)
  const elsewhere = variantsOf(schema).find((variant) => Object.hasOwn(variant.properties ?? {}, key))
  const only = elsewhere && ownConstant(elsewhere)
  return {
    path: [...path, key],
    origin: node && (childOf(node, key)?.keyAt ?? node.at),
    what: 'unknown key',
    why: only ? `"${key}" belongs to ${only} only` : `${owner} has no key "${key}"`,
    fix: meant === undefined ? `remove it; known here: ${known.join(', ') || 'none'}` : `did you mean "${meant}"?`,
    didYouMean: meant,
  }
}

function missing({ path, schema, written }: Spot): ProblemFacts {
  const near = nearestNode(written.tree, path)
  const key = String(path.at(-1) ?? '')
  const example = flowText(exampleOf(schema))
  return {
    path,
    origin: near.keyAt ?? known(near.at),
    what: 'missing',
    why: `${formatPath(path)} is required${schema?.description ? `: ${lowerFirst(schema.description)}` : ''}`,
    fix: `add ${example === undefined ? `"${key}" (${typeLabel(schema)})` : `"${key}: ${example}"`}`,
  }
}

function notAChoice(values: readonly unknown[], { path, schema, node }: Spot): ProblemFacts {
  const choices = values.map(String)
  const written = node?.kind === 'scalar' && !isSecret(schema) ? String(node.value) : undefined
  // YAML reads 26.2 as a number and yes as a truth, where the choice is a text of the same letters.
  if (written !== undefined && values.includes(written)) {
    const why = `it should be text, and is ${kindOf(node)}`
    return { path, origin: known(node?.at), what: 'wrong type', why, fix: `write it in quotes: '${written}'` }
  }
  const meant = written === undefined ? undefined : suggest(written, choices)
  return {
    path,
    origin: known(node?.at),
    what: 'unknown value',
    why: `${written === undefined ? 'it' : JSON.stringify(written)} is not one of ${choices.join(', ')}`,
    fix: meant === undefined ? `write one of ${choices.join(', ')}` : `did you mean "${meant}"?`,
    didYouMean: meant,
  }
}

function wrongType(issue: Issue, { path, schema, node }: Spot): ProblemFacts {
  const expected = `it should be ${typeLabel(schema)}, and is ${kindOf(node)}`
  const why = isZodsOwn(issue.message) ? expected : issue.message
  return { path, origin: known(node?.at), what: 'wrong type', why, fix: fixFrom(schema) }
}

function notAllowed(issue: Issue, { path, schema, node, written }: Spot): ProblemFacts {
  const fix = issue.code === 'custom' ? issue.params?.fix : undefined
  return {
    path,
    origin: known(node?.at ?? nearestNode(written.tree, path).at),
    what: 'not allowed',
    why: limitText(issue) ?? lowerFirst(issue.message.replace(/^Invalid string: /, 'it ')),
    fix: typeof fix === 'string' ? fix : fixFrom(schema),
  }
}

/** zod's words for limits speak of its types; these speak of the setting. */
function limitText(issue: Issue): string | undefined {
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined
  const [bound, word] = issue.code === 'too_small' ? [issue.minimum, 'at least'] : [issue.maximum, 'at most']
  const unit = unitOf(issue.origin, Number(bound))
  const verb = unit === '' ? 'be' : 'have'
  const beyond = issue.inclusive === false ? ', and not exactly that' : ''
  return isZodsOwn(issue.message) ? `it must ${verb} ${word} ${bound}${unit}${beyond}` : issue.message
}

function unitOf(origin: string, count: number): string {
  if (origin !== 'string' && origin !== 'array') return ''
  if (origin === 'string') return count === 1 ? ' character' : ' characters'
  return count === 1 ? ' entry' : ' entries'
}

function fixFrom(schema: JsonSchema | undefined): string {
  const example = flowText(exampleOf(schema))
  return example === undefined ? `write ${typeLabel(schema)}` : `for example: ${example}`
}

const exampleOf = (schema: JsonSchema | undefined): unknown => {
  const example = schema?.examples?.[0] ?? schema?.default
  return typeof example === 'object' && example !== null && Object.keys(example).length === 0 ? undefined : example
}

/** The issues of the variant that was meant; the union's own if that cannot be told. */
function meantIssues(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const fitting = issue.errors.filter((errors) => !errors.some(isOfOtherKind)).sort((a, b) => a.length - b.length)
  const [best, next] = fitting
  if (!best || best.length === next?.length) return [issue]
  return best.flatMap((inner) => meantIssues({ ...inner, path: [...issue.path, ...inner.path] }))
}

const isOfOtherKind = (issue: Issue): boolean =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')

const isZodsOwn = (message: string): boolean => /^(Invalid input|Too (small|big))/.test(message)

/** `type: oidc`, for a variant that only things of that type are. */
function ownConstant(variant: JsonSchema): string | undefined {
  const constant = Object.entries(variant.properties ?? {}).find(([, child]) => child.const !== undefined)
  return constant && `${constant[0]}: ${String(constant[1].const)}`
}

const toPath = (path: readonly PropertyKey[]): SettingPath =>
  path.map((part) => (typeof part === 'number' ? part : String(part)))

const known = (origin: Origin | undefined): Origin | undefined => (origin?.kind === 'default' ? undefined : origin)

const lowerFirst = (text: string): string =>
  /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '') : text.replace(/\.$/, '')
