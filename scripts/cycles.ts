// Cycles in a graph of names, each as the way round. For `check-ranks.ts`.

export type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** One way round for each edge that closes a cycle: `[a, b, a]`. Empty if there is none. */
export function findCycles(graph: Graph): readonly (readonly string[])[] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (name: string): void => {
    const since = path.indexOf(name)
    if (since >= 0) cycles.push([...path.slice(since), name])
    if (since >= 0 || done.has(name)) return
    path.push(name)
    for (const next of graph.get(name) ?? []) visit(next)
    path.pop()
    done.add(name)
  }
  for (const name of graph.keys()) visit(name)
  return cycles
}
