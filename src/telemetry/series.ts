// The series of one metric: one entry for each set of label values, at most a thousand of them. What comes after is
// counted under `other`, so that no stranger can make a metric grow.

export const MAX_SERIES = 1000

export interface Series<Entry> {
  /** The entry of these labels; made when they are first seen. A label that is missing is empty. */
  of(labels: Readonly<Record<string, string>>): Entry
  readonly all: () => Iterable<readonly [labels: Readonly<Record<string, string>>, entry: Entry]>
}

export function createSeries<Entry>(names: readonly string[], create: () => Entry): Series<Entry> {
  type Known = readonly [labels: Readonly<Record<string, string>>, entry: Entry]
  const known = new Map<string, Known>()

  const keyOf = (labels: Readonly<Record<string, string>>): string => {
    let key = ''
    for (const name of names) key += `\u0000${labels[name] ?? ''}`
    return key
  }

  const add = (key: string, labels: Readonly<Record<string, string>>): Known => {
    const added: Known = [Object.fromEntries(names.map((name) => [name, labels[name] ?? ''])), create()]
    known.set(key, added)
    return added
  }

  const other = Object.fromEntries(names.map((name) => [name, 'other']))
  const otherKey = keyOf(other)

  return Object.freeze({
    of(labels: Readonly<Record<string, string>>) {
      const key = keyOf(labels)
      const found = known.get(key)
      if (found !== undefined) return found[1]
      return (known.size < MAX_SERIES ? add(key, labels) : (known.get(otherKey) ?? add(otherKey, other)))[1]
    },
    all: () => known.values(),
  })
}
