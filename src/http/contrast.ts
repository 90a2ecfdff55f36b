// Whether a colour can be read on another (WCAG 2.2 §1.4.3), for the one colour that an operator may choose.

export type HexColour = `#${string}`

export const isHexColour = (text: string): text is HexColour => /^#[0-9a-f]{6}$/i.test(text)

/** Normal text needs 4.5. */
export const READABLE = 4.5

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio: 1 to 21. */
export function contrastRatio(one: HexColour, other: HexColour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** The colour, made lighter in small steps until it can be read on a dark one. */
export const lightenUntilReadable = (colour: HexColour, on: HexColour): HexColour =>
  mixUntilReadable(colour, on, '#ffffff')

/** The same towards black, for a light ground. */
export const darkenUntilReadable = (colour: HexColour, on: HexColour): HexColour =>
  mixUntilReadable(colour, on, '#000000')

/** More than has to be: it also stands on grounds that have a touch of the colour itself. */
const ENOUGH = READABLE + 0.75

function mixUntilReadable(colour: HexColour, on: HexColour, end: HexColour): HexColour {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, end, share)
    if (contrastRatio(mixed, on) >= ENOUGH) return mixed
  }
  return end
}

const channelsOf = (colour: HexColour): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: HexColour): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(colour).map((channel) => {
    const part = channel / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function mix(colour: HexColour, end: HexColour, share: number): HexColour {
  const ends = channelsOf(end)
  const mixed = channelsOf(colour).map((channel, at) => Math.round(channel + ((ends[at] ?? 0) - channel) * share))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
