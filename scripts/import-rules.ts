// The rules on who may import whom (docs/develop: ranks, index.ts as the only door, no cycles). For `check-ranks.ts`.

import { posix } from 'node:path'
import { findCycles } from './cycles.ts'
import { packageHomes, ranks } from './rank-table.ts'
import type { Import, SourceFile } from './source-tree.ts'

export interface Violation {
  /** Short name of the rule. */
  readonly rule: string
  /** `path:line` */
  readonly where: string
  readonly message: string
}

interface Edge {
  readonly file: string
  readonly import: Import
  /** The file imported, or undefined for a package or built-in. */
  readonly target: string | undefined
}

/** Everything that is wrong with the imports of these files. */
export function checkImports(files: readonly SourceFile[]): readonly Violation[] {
  const edges = files.flatMap((file) =>
    file.imports.map((entry) => ({ file: file.path, import: entry, target: resolve(file.path, entry.specifier) })),
  )
  return [
    ...files.flatMap((file) => unknownPlace(file.path)),
    ...edges.flatMap((edge) => [
      ...rankOrder(edge),
      ...pastIndex(edge),
      ...kernelAlone(edge),
      ...packageHome(edge),
      ...foreignGround(edge),
    ]),
    ...fileCycles(edges),
    ...folderCycles(edges),
  ]
}

/** The place of a path in the table of ranks: the folder or file directly under src/. */
export const placeOf = (path: string): string | undefined => /^src\/([^/]+)/.exec(path)?.[1]

/** Tests, the suites they share, and what they set up. */
export const isTest = (path: string): boolean => /\.(?:test|contract|fixture)\.ts$/.test(path)

const rankOf = (place: string): number => ranks.findIndex((rank) => rank.places.includes(place))

const isFolder = (place: string): boolean => !place.endsWith('.ts')

function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  const [name, ...rest] = specifier.slice(1).split('/')
  return specifier.startsWith('#') ? ['src', name, ...(rest.length > 0 ? rest : ['index.ts'])].join('/') : undefined
}

const violation = (rule: string, edge: Edge, message: string): Violation[] => [
  { rule, where: `${edge.file}:${edge.import.line}`, message: `imports ${edge.import.specifier}: ${message}` },
]

function unknownPlace(path: string): Violation[] {
  const place = placeOf(path)
  if (place === undefined || isTest(place) || rankOf(place) >= 0) return []
  return [{ rule: 'place', where: path, message: `src/${place} has no rank; give it one in scripts/rank-table.ts` }]
}

function rankOrder(edge: Edge): Violation[] {
  const from = placeOf(edge.file)
  const to = edge.target === undefined ? undefined : placeOf(edge.target)
  if (from === undefined || to === undefined || from === to) return []
  const [fromRank, toRank] = [rankOf(from), rankOf(to)]
  if (toRank < 0 || fromRank < 0 || toRank < fromRank) return []
  if (toRank > fromRank) {
    return violation('upward', edge, `${from} (rank ${fromRank}) may not import ${to} (rank ${toRank})`)
  }
  const { within, places } = ranks[fromRank] ?? { within: 'none', places: [] }
  if (within === 'all' || (within === 'before' && places.indexOf(to) < places.indexOf(from))) return []
  return within === 'before'
    ? violation('upward', edge, `${to} comes after ${from} in rank ${fromRank}`)
    : violation('sideways', edge, `${from} and ${to} are both of rank ${fromRank}; declare a port instead`)
}

function pastIndex(edge: Edge): Violation[] {
  const to = edge.target === undefined ? undefined : placeOf(edge.target)
  if (to === undefined || !isFolder(to) || to === placeOf(edge.file)) return []
  if (
    edge.import.specifier === `#${to}` ||
    (rankOf(to) === ranks.length - 1 && !edge.import.specifier.startsWith('#'))
  ) {
    return []
  }
  return violation('past-index', edge, `reach ${to} through its index.ts, as #${to}`)
}

function kernelAlone(edge: Edge): Violation[] {
  const { specifier } = edge.import
  if (placeOf(edge.file) !== 'kernel' || isTest(edge.file)) return []
  if (specifier.startsWith('node:') || (edge.target !== undefined && placeOf(edge.target) === 'kernel')) return []
  return violation('kernel-alone', edge, 'the kernel imports nothing but the runtime')
}

function packageHome(edge: Edge): Violation[] {
  const place = placeOf(edge.file)
  const home = packageHomes.find(({ specifier }) => specifier.test(edge.import.specifier))
  if (place === undefined || home === undefined || home.places.includes(place)) return []
  return violation('home', edge, `${home.what} stays inside src/${home.places.join(', src/')}`)
}

function foreignGround(edge: Edge): Violation[] {
  const [from, to] = [edge.file, edge.target ?? ''].map((path) => path.split('/')[0])
  if ((from === 'src' && to === 'web') || (from === 'web' && to === 'src')) {
    return violation('web', edge, 'web/ and src/ meet only in the published API')
  }
  if (from !== 'src' || isTest(edge.file) || !['test', 'bench', 'scripts'].includes(to ?? '')) return []
  return violation('test-code', edge, `the product may not depend on ${to}/`)
}

function fileCycles(edges: readonly Edge[]): Violation[] {
  const running = edges.filter(({ import: { typeOnly } }) => !typeOnly)
  const graph = graphOf(running.map(({ file, target }) => [file, target]))
  return findCycles(graph).map((cycle) => ({
    rule: 'cycle',
    where: cycle[0] ?? '',
    message: `files import each other: ${cycle.join(' → ')}`,
  }))
}

function folderCycles(edges: readonly Edge[]): Violation[] {
  const graph = graphOf(edges.map(({ file, target }) => [placeOf(file), target && placeOf(target)]))
  return findCycles(graph).map((cycle) => ({
    rule: 'cycle',
    where: `src/${cycle[0]}`,
    message: `folders import each other (types count): ${cycle.join(' → ')}`,
  }))
}

function graphOf(pairs: readonly (readonly [from: string | undefined, to: string | undefined])[]) {
  const graph = new Map<string, Set<string>>()
  for (const [from, to] of pairs) {
    if (from === undefined || to === undefined || (from === to && !from.includes('/'))) continue
    const targets = graph.get(from) ?? new Set()
    graph.set(from, targets.add(to))
  }
  return graph
}
