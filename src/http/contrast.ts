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
export function lightenUntilReadable(colour: HexColour, on: HexColour): HexColour {
  for (let share = 0; share < 1; share += 0.05) {
    const lighter = mixWithWhite(colour, share)
    if (contrastRatio(lighter, on) >= READABLE + 0.5) return lighter
  }
  return '#ffffff'
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

function mixWithWhite(colour: HexColour, share: number): HexColour {
  const mixed = channelsOf(colour).map((channel) => Math.round(channel + (255 - channel) * share))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
