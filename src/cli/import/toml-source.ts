// One TOML text → a tree in which every key and value knows its place. The original takes each key with underscores or
// with hyphens; here all have underscores.

import type { AST } from 'toml-eslint-parser'

/** Line and column count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type TomlValue = TomlTable | TomlList | TomlScalar

export interface TomlTable {
  readonly kind: 'table'
  readonly at: Place
  /** By name, with underscores for hyphens. */
  readonly entries: ReadonlyMap<string, TomlEntry>
}

export interface TomlEntry {
  /** The name as it is written. */
  readonly written: string
  /** Of the name. */
  readonly at: Place
  readonly value: TomlValue
}

export interface TomlList {
  readonly kind: 'list'
  readonly at: Place
  readonly items: readonly TomlValue[]
}

export interface TomlScalar {
  readonly kind: 'text' | 'number' | 'flag' | 'date'
  readonly at: Place
  readonly value: string | number | boolean
}

/** What keeps a text from being read, without a full stop. */
export class TomlFault extends Error {
  readonly at: Place

  constructor(message: string, at: Place) {
    super(message)
    this.at = at
  }
}

/** @throws TomlFault, and nothing else */
export async function parseToml(text: string): Promise<TomlTable> {
  const { ParseError, parseTOML } = await import('toml-eslint-parser')
  try {
    const root = newTable({ line: 1, column: 1 })
    for (const node of parseTOML(text, { tomlVersion: '1.0' }).body[0].body) addTopLevel(root, node)
    return root
  } catch (error) {
    if (error instanceof TomlFault) throw error
    if (error instanceof ParseError)
      throw new TomlFault(inWords(error.message), toPlace(error.lineNumber, error.column))
    // The parser calls itself for each level.
    throw tooDeep({ line: 1, column: 1 })
  }
}

/** Levels of one key or one value; far more than anybody writes. */
const MAX_DEPTH = 64
const tooDeep = (at: Place) => new TomlFault('it is nested too deeply', at)

interface TableInProgress extends TomlTable {
  readonly entries: Map<string, TomlEntry>
}

const newTable = (at: Place): TableInProgress => ({ kind: 'table', at, entries: new Map() })

function addTopLevel(root: TableInProgress, node: AST.TOMLKeyValue | AST.TOMLTable): void {
  if (node.type === 'TOMLKeyValue') {
    addPair(root, node)
    return
  }
  const names = node.key.keys
  const table = node.kind === 'array' ? addTableOfList(root, names) : descend(root, names)
  for (const pair of node.body) addPair(table, pair)
}

function addPair(table: TableInProgress, { key, value }: AST.TOMLKeyValue, depth = 0): void {
  const { parent, name } = splitKey(table, key.keys)
  const taken = parent.entries.get(name.canonical)
  if (taken !== undefined) throw twice(name, taken)
  parent.entries.set(name.canonical, { ...name, value: toValue(value, depth) })
}

/** `[[name]]`: one more table at the end of the list. */
function addTableOfList(root: TableInProgress, keys: readonly Key[]): TableInProgress {
  const { parent, name } = splitKey(root, keys)
  const added = newTable(name.at)
  const before = parent.entries.get(name.canonical)
  if (before !== undefined && (before.written !== name.written || before.value.kind !== 'list')) {
    throw twice(name, before)
  }
  const items = before?.value.kind === 'list' ? before.value.items : []
  parent.entries.set(name.canonical, { ...name, value: { kind: 'list', at: name.at, items: [...items, added] } })
  return added
}

function splitKey(table: TableInProgress, keys: readonly Key[]) {
  const name = nameOf(keys.at(-1))
  return { parent: descend(table, keys.slice(0, -1)), name }
}

/** The table that these names lead to, made where it is not there yet. */
function descend(table: TableInProgress, keys: readonly Key[]): TableInProgress {
  if (keys.length > MAX_DEPTH) throw tooDeep(nameOf(keys[0]).at)
  let here = table
  for (const key of keys) {
    const name = nameOf(key)
    const entry = here.entries.get(name.canonical)
    if (entry !== undefined && entry.written !== name.written) throw twice(name, entry)
    const value = entry?.value ?? newTable(name.at)
    const next = value.kind === 'list' ? value.items.at(-1) : value
    if (next?.kind !== 'table') throw twice(name, entry ?? name)
    if (entry === undefined) here.entries.set(name.canonical, { ...name, value })
    // Only tables in progress are in the tree.
    here = next as TableInProgress
  }
  return here
}

type Key = AST.TOMLBare | AST.TOMLQuoted

interface Name extends Pick<TomlEntry, 'written' | 'at'> {
  readonly canonical: string
}

function nameOf(key: Key | undefined): Name {
  if (key === undefined) return { written: '', canonical: '', at: { line: 1, column: 1 } }
  const written = key.type === 'TOMLBare' ? key.name : key.value
  return { written, canonical: written.replaceAll('-', '_'), at: placeOf(key) }
}

function twice({ written, at }: Name, first: Pick<TomlEntry, 'written' | 'at'>): TomlFault {
  const before = `as "${first.written}" in line ${first.at.line}`
  return new TomlFault(`"${written}" stands there twice, first ${before}: leave one of them`, at)
}

function toValue(node: AST.TOMLContentNode, depth: number): TomlValue {
  const at = placeOf(node)
  if (depth > MAX_DEPTH) throw tooDeep(at)
  if (node.type === 'TOMLArray')
    return { kind: 'list', at, items: node.elements.map((each) => toValue(each, depth + 1)) }
  if (node.type === 'TOMLInlineTable') {
    const table = newTable(at)
    for (const pair of node.body) addPair(table, pair, depth + 1)
    return table
  }
  switch (node.kind) {
    case 'string':
      return { kind: 'text', at, value: node.value }
    case 'integer':
    case 'float':
      return { kind: 'number', at, value: node.value }
    case 'boolean':
      return { kind: 'flag', at, value: node.value }
    default:
      return { kind: 'date', at, value: node.datetime }
  }
}

const placeOf = ({ loc }: AST.TOMLNode): Place => toPlace(loc.start.line, loc.start.column)
const toPlace = (line: number, column: number): Place => ({ line, column: column + 1 })

const inWords = (message: string): string => `${message.charAt(0).toLowerCase()}${message.slice(1)}`
