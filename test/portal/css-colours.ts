// The colours of a style sheet as a browser would work them out: custom properties of `:root`, light-dark() and color-mix().
// Knows only what our style sheets use.

import type { HexColour } from '#http'

export type Scheme = 'light' | 'dark'

/** @returns the colour of a value such as `var(--ink)`; undefined if it is none, such as `transparent` or a colour of the system */
export type ColourOf = (value: string) => HexColour | undefined

/** @param sheets later ones win, as in a page */
export function readColours(sheets: readonly string[], scheme: Scheme): ColourOf {
  const properties = new Map<string, string>()
  for (const { selector, declarations } of sheets.flatMap(readRules)) {
    if (selector !== ':root') continue
    for (const [name, value] of declarations) if (name.startsWith('--')) properties.set(name, value)
  }
  const colourOf: ColourOf = (value) => {
    const [, name = '', inside = ''] = /^([a-z-]+)\((.*)\)$/s.exec(value.trim()) ?? []
    const parts = splitAtCommas(inside)
    switch (name) {
      case 'var':
        return colourOf(properties.get(parts[0] ?? '') ?? parts[1] ?? '')
      case 'light-dark':
        return colourOf(parts[scheme === 'light' ? 0 : 1] ?? '')
      case 'color-mix':
        return mix(parts.slice(1), colourOf)
      default:
        return NAMED[value.trim()] ?? (/^#[0-9a-f]{6}$/i.test(value.trim()) ? (value.trim() as HexColour) : undefined)
    }
  }
  return colourOf
}

export interface Rule {
  readonly selector: string
  readonly declarations: ReadonlyMap<string, string>
}

/** Also those within at-rules, which are left out themselves. */
export function readRules(sheet: string): readonly Rule[] {
  const text = sheet.replaceAll(/\/\*.*?\*\//gs, '')
  return [...text.matchAll(/([^{};]+)\{([^{}]*)\}/g)].map(([, selector = '', body = '']) => ({
    selector: selector.trim(),
    declarations: new Map(
      body.split(';').flatMap((line) => {
        const at = line.indexOf(':')
        return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const]
      }),
    ),
  }))
}

const NAMED: Readonly<Record<string, HexColour>> = { white: '#ffffff', black: '#000000' }

/** At those that are within no parentheses. */
function splitAtCommas(text: string): readonly string[] {
  const parts = ['']
  let depth = 0
  for (const sign of text) {
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    if (sign === ',' && depth === 0) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${sign}`)
  }
  return parts.map((part) => part.trim())
}

/** Two of `<colour> [<share>%]`; one share is enough (CSS Color 5 §2.1). */
function mix(parts: readonly string[], colourOf: ColourOf): HexColour | undefined {
  const [first, second] = parts.map((part) => {
    const [, value = part, share] = /^(.*?)\s+([\d.]+)%$/s.exec(part) ?? []
    return { colour: colourOf(value), share: share === undefined ? undefined : Number(share) / 100 }
  })
  if (first?.colour === undefined || second?.colour === undefined) return undefined
  const share = first.share ?? 1 - (second.share ?? 0.5)
  const [one, other] = [toOklab(first.colour), toOklab(second.colour)]
  return fromOklab(one.map((value, at) => value * share + (other[at] ?? 0) * (1 - share)))
}

type Matrix = readonly (readonly number[])[]

// https://bottosson.github.io/posts/oklab/, as in CSS Color 4 §17
const TO_LMS: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
]
const TO_LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
]
const FROM_LAB: Matrix = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
]
const FROM_LMS: Matrix = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
]

const times = (matrix: Matrix, vector: readonly number[]): readonly number[] =>
  matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * (vector[at] ?? 0), 0))

function toOklab(colour: HexColour): readonly number[] {
  const linear = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return times(TO_LAB, times(TO_LMS, linear).map(Math.cbrt))
}

function fromOklab(lab: readonly number[]): HexColour {
  const linear = times(
    FROM_LMS,
    times(FROM_LAB, lab).map((value) => value ** 3),
  )
  const channels = linear.map((value) => {
    const part = value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055
    const byte = Math.round(Math.min(1, Math.max(0, part)) * 255)
    return byte.toString(16).padStart(2, '0')
  })
  return `#${channels.join('')}`
}
