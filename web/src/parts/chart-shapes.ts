// The shapes of a chart, in numbers: how high its axis is, and where bars, lines and gaps are.

export interface ChartPoint {
  /** ISO 8601. */
  readonly at: string
  /** One for each series, undefined where there was nothing to measure; absent where nothing was kept. */
  readonly values: readonly (number | undefined)[] | undefined
}

export type ChartKind = 'bars' | 'lines'

/** @returns the number at the top of the axis, never zero: it is above all that is drawn, and its half is as easy to read */
export function topOf(points: readonly ChartPoint[], kind: ChartKind): number {
  const heights = points.map(({ values = [] }) => {
    const known = values.filter((value) => value !== undefined)
    return kind === 'bars' ? known.reduce((sum, value) => sum + value, 0) : Math.max(0, ...known)
  })
  return niceTop(Math.max(0, ...heights))
}

function niceTop(value: number): number {
  if (value <= 0) return 2
  const size = 10 ** Math.floor(Math.log10(value))
  return (NICE.find((each) => each * size >= value) ?? 10) * size
}

const NICE = [2, 4, 6, 8, 10]

/** Bars on each other. @returns where each begins above the ground, and its height */
export function stackOf(
  values: readonly (number | undefined)[],
  scale: number,
): readonly { readonly y: number; readonly height: number }[] {
  let below = 0
  return values.map((value = 0) => {
    const y = below
    below += value * scale
    return { y, height: value * scale }
  })
}

interface Place {
  readonly x: number
  readonly y: number
}

/** @returns an SVG path that stops where nothing is known, and goes on behind it */
export const lineOf = (places: readonly (Place | undefined)[]): string =>
  places
    .map((place, index) => place && `${places[index - 1] === undefined ? 'M' : 'L'}${place.x} ${place.y}`)
    .filter((command) => command !== undefined)
    .join('')

/** What no line leads to: each a path without a length, which is drawn as wide as its stroke. */
export const dotsOf = (places: readonly (Place | undefined)[]): string =>
  places
    .map((place, index) =>
      place !== undefined && places[index - 1] === undefined && places[index + 1] === undefined
        ? `M${place.x} ${place.y}h0`
        : '',
    )
    .join('')

/** Stretches of points that nothing was kept of. */
export function unknownRuns(
  points: readonly ChartPoint[],
): readonly { readonly from: number; readonly count: number }[] {
  const starts = points.flatMap(({ values }, index) =>
    values === undefined && (index === 0 || points[index - 1]?.values !== undefined) ? [index] : [],
  )
  return starts.map((from) => {
    const end = points.findIndex(({ values }, index) => index > from && values !== undefined)
    return { from, count: (end === -1 ? points.length : end) - from }
  })
}
