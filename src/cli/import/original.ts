// The original's configuration as it is read: each value by its path and kind, with a problem where it is not of that
// kind, and a memory of what was asked for. What nobody asked for is what the import drops.
//
// The original converts what it can ("8090" is a number, "yes" is true); so do we.

import { type ConfigProblem, visible } from '#config'
import type { Place, TomlEntry, TomlTable, TomlValue } from './toml-source.ts'

/** Names with underscores, joined by dots: `session.redis.addr`. */
export type Path = string

export interface Leaf {
  readonly path: Path
  /** As it is written. */
  readonly written: string
  readonly at: Place
}

export interface Range {
  readonly min: number
  readonly max: number
}

export interface Original {
  readonly has: (path: Path) => boolean
  readonly text: (path: Path) => string | undefined
  readonly flag: (path: Path) => boolean | undefined
  readonly integer: (path: Path, range: Range) => number | undefined
  readonly number: (path: Path, range: Range) => number | undefined
  readonly choice: <T extends string>(path: Path, choices: readonly T[]) => T | undefined
  /** A list, or one text with commas; as it is written, not trimmed. */
  readonly list: (path: Path) => readonly string[] | undefined
  /** The value as it is, for what has several forms. */
  readonly value: (path: Path) => TomlValue | undefined
  /** It is wrong: nothing will be written. */
  readonly refuse: (path: Path, why: string, fix: string) => undefined
  readonly warn: (path: Path, about: string) => void
  /** From top to bottom. */
  readonly problems: () => readonly ConfigProblem[]
  readonly warnings: readonly (Leaf & { readonly about: string })[]
  /** Every path that was asked for, there or not. */
  readonly asked: ReadonlySet<Path>
  /** What is there and was not asked for, from top to bottom. */
  readonly rest: () => readonly Leaf[]
}

export function createOriginal(root: TomlTable, file: string): Original {
  const problems: (Place & ConfigProblem)[] = []
  const warnings: (Leaf & { readonly about: string })[] = []
  const asked = new Set<Path>()

  const leafAt = (path: Path): Leaf => {
    const found = findEntry(root, path)
    return { path, written: found?.written ?? path, at: found?.entry.value.at ?? { line: 1, column: 1 } }
  }

  const refuse = (path: Path, why: string, fix: string): undefined => {
    const { written, at } = leafAt(path)
    // Some values are read for two settings.
    if (problems.some((problem) => problem.path === written && problem.why === why)) return undefined
    problems.push({ ...at, path: written, origin: { kind: 'file', file, ...at }, what: 'not allowed', why, fix })
    return undefined
  }

  const value = (path: Path): TomlValue | undefined => {
    asked.add(path)
    return findEntry(root, path)?.entry.value
  }

  /** By itself, or as part of a table that was asked for as a whole. */
  const isAsked = (path: Path): boolean =>
    path.split('.').some((_, index, names) => asked.has(names.slice(0, index + 1).join('.')))

  /** Of the value as `convert` reads it; a problem where it cannot. */
  const read = <T>(path: Path, convert: (value: TomlValue) => T | undefined, wanted: string): T | undefined => {
    const found = value(path)
    if (found === undefined) return undefined
    const converted = convert(found)
    return converted === undefined ? refuse(path, `it is not ${wanted}`, `write ${wanted}`) : converted
  }

  return {
    has: (path) => findEntry(root, path) !== undefined,
    text: (path) => read(path, toText, 'text in quotes'),
    flag: (path) => read(path, toFlag, 'true or false'),
    integer: (path, range) =>
      read(path, (found) => inRange(toNumber(found), range, true), `a whole number ${inWords(range)}`),
    number: (path, range) =>
      read(path, (found) => inRange(toNumber(found), range, false), `a number ${inWords(range)}`),
    choice: (path, choices) =>
      read(path, (found) => choices.find((choice) => choice === toText(found)), `one of ${choices.join(', ')}`),
    list: (path) => read(path, toList, 'text with commas, or a list of texts'),
    value,
    refuse,
    warn: (path, about) => warnings.push({ ...leafAt(path), about }),
    problems: () => problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
    warnings,
    asked,
    rest: () => leavesOf(root).filter(({ path }) => !isAsked(path)),
  }
}

interface Found {
  readonly written: string
  readonly entry: TomlEntry
}

function findEntry(root: TomlTable, path: Path): Found | undefined {
  let here: TomlValue = root
  let entry: TomlEntry | undefined
  const written: string[] = []
  for (const name of path.split('.')) {
    entry = here.kind === 'table' ? here.entries.get(name) : undefined
    if (entry === undefined) return undefined
    written.push(entry.written)
    here = entry.value
  }
  return entry && { written: visible(written.join('.')), entry }
}

/** Values; a table without any says nothing. */
function leavesOf(table: TomlTable, path: readonly string[] = [], written: readonly string[] = []): readonly Leaf[] {
  return [...table.entries].flatMap(([name, entry]) => {
    // A dot in a name is none of ours.
    const names = [...path, name.replaceAll('.', '\\.')]
    const spelled = [...written, /^[\w-]+$/.test(entry.written) ? entry.written : JSON.stringify(entry.written)]
    if (entry.value.kind === 'table') return leavesOf(entry.value, names, spelled)
    return [{ path: names.join('.'), written: visible(spelled.join('.')), at: entry.at }]
  })
}

const toText = (value: TomlValue): string | undefined => (value.kind === 'text' ? String(value.value) : undefined)

function toFlag(value: TomlValue): boolean | undefined {
  if (value.kind === 'table' || value.kind === 'list') return undefined
  const spelled = String(value.value).toLowerCase()
  if (['true', '1', 't', 'y', 'yes', 'on'].includes(spelled)) return true
  return ['false', '0', 'f', 'n', 'no', 'off'].includes(spelled) ? false : undefined
}

function toNumber(value: TomlValue): number | undefined {
  if (value.kind === 'number') return Number(value.value)
  const text = toText(value)?.trim()
  return text !== undefined && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function inRange(number: number | undefined, { min, max }: Range, isWhole: boolean): number | undefined {
  if (number === undefined || !(number >= min && number <= max)) return undefined
  return isWhole && !Number.isInteger(number) ? undefined : number
}

const inWords = ({ min, max }: Range): string =>
  max >= Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`

function toList(value: TomlValue): readonly string[] | undefined {
  if (value.kind !== 'list') return toText(value)?.split(',')
  const items = value.items.map(toText)
  return items.every((item) => item !== undefined) ? items : undefined
}
