// Accept-Encoding (RFC 9110 §12.5.3), for the codings in which files lie ready beside the original.

export interface Coding {
  readonly name: 'br' | 'gzip'
  /** Added to the file's name. */
  readonly extension: string
}

/** Smallest first: that is our preference among equals. */
const codings: readonly Coding[] = [
  { name: 'br', extension: '.br' },
  { name: 'gzip', extension: '.gz' },
]

/** The codings that the client takes, best first; none means the original. */
export function acceptedCodings(header: string | undefined): readonly Coding[] {
  if (header === undefined) return []
  const weights = new Map(header.split(',').map(parseWeight))
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0
  const identity = weights.get('identity') ?? 0
  return codings
    .filter(({ name }) => weightOf(name) > 0 && weightOf(name) >= identity)
    .sort((a, b) => weightOf(b.name) - weightOf(a.name))
}

function parseWeight(item: string): readonly [name: string, weight: number] {
  const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return [name, weight === undefined ? 1 : Number(weight) || 0]
}
