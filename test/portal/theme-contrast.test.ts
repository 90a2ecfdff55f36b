// The colours of the portal and of the server's pages, read from their style sheets and from Mantine's theme: what stands on
// what can be read, in light and dark, also with a colour of the operator's own (WCAG 2.2 §1.4.3, §1.4.11).

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { accentTokens, contrastRatio, type HexColour, READABLE } from '#http'
import { type ColourOf, readColours, readRules, type Scheme } from './css-colours.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const tokens = read('src/http/assets/tokens.css')
const sheets = ['src/http/assets/style.css', ...globSync('web/src/theme/*.css', { cwd: root }).sort()]

/** Text needs 4.5 to 1 (§1.4.3). */
const READ = 4.5
/** Marks and edges that mean something need 3 (§1.4.11). */
const SEEN = 3

type Pair = readonly [text: string, ground: string]

const GROUNDS = ['--ground', '--surface', '--sunken'] as const
const SOFT = ['--accent-soft', '--danger-soft', '--ok-soft', '--warn-soft'] as const
const pairs = (texts: readonly string[], grounds: readonly string[]): readonly Pair[] =>
  texts.flatMap((text) => grounds.map((ground) => [`var(${text})`, `var(${ground})`] as const))

/** What stands on what without a rule that says both. */
const WRITTEN: readonly Pair[] = [
  ...pairs(['--ink', '--muted'], [...GROUNDS, ...SOFT]),
  ...pairs(['--accent', '--danger'], [...GROUNDS, '--accent-soft']),
  ...pairs(['--accent-ink'], ['--accent', '--accent-hover', '--danger']),
]
const DRAWN: readonly Pair[] = [
  // The focus, and what is chosen.
  ...pairs(['--accent'], GROUNDS),
  // The edge of a field, to what is in it and around it.
  ...pairs(['--line-strong'], ['--ground', '--surface']),
  ...pairs(['--danger', '--warn', '--ok'], ['--surface']),
]

/** A rule that says both what it is written in and on what. */
const ruled = sheets.flatMap((sheet) =>
  readRules(read(sheet)).flatMap(({ selector, declarations }): readonly (readonly [string, Pair])[] => {
    const [text, ground] = [declarations.get('color'), declarations.get('background')]
    return text === undefined || ground === undefined ? [] : [[`${sheet} ${selector}`, [text, ground]]]
  }),
)

interface MantineTheme {
  readonly variantColorResolver: (input: object) => Readonly<Record<'background' | 'hover' | 'color', string>>
}

/** What becomes of a button of each sort, pointed at or not. */
async function readButtons(): Promise<readonly (readonly [string, Pair])[]> {
  const { theme } = (await import(pathToFileURL(join(root, 'web/src/theme/theme.ts')).href)) as { theme: MantineTheme }
  return ['filled', 'subtle', 'light'].flatMap((variant) =>
    ['accent', 'danger'].flatMap((color): readonly (readonly [string, Pair])[] => {
      const button = theme.variantColorResolver({ variant, color, theme })
      const ground = button.background === 'transparent' ? 'var(--surface)' : button.background
      const name = `a button, ${variant}, ${color}`
      return [
        [name, [button.color, ground]],
        [`${name}, pointed at`, [button.color, button.hover]],
      ]
    }),
  )
}

/** One line for each pair that cannot be told apart well enough. */
function findFaint(colourOf: ColourOf, named: readonly (readonly [string, Pair])[], needed: number): readonly string[] {
  return named.flatMap(([name, [text, ground]]) => {
    const [one, other] = [colourOf(text), colourOf(ground)]
    if (one === undefined || other === undefined) return [`${name}: ${text} on ${ground} is no pair of colours`]
    const ratio = contrastRatio(one, other)
    return ratio >= needed ? [] : [`${name}: ${text} on ${ground} is ${ratio.toFixed(2)} to 1 (${one} on ${other})`]
  })
}

const named = (list: readonly Pair[]): readonly (readonly [string, Pair])[] => list.map((pair) => ['on pages', pair])

for (const scheme of ['light', 'dark'] as const) {
  describe(scheme, () => {
    const colourOf = readColours([tokens], scheme)

    test('what stands on what on the pages', () => {
      assert.deepEqual(findFaint(colourOf, named(WRITTEN), READ), [])
      assert.deepEqual(findFaint(colourOf, named(DRAWN), SEEN), [])
    })

    test('every rule that says what is written on what', () => {
      const known = ruled.filter(([, [text, ground]]) => [text, ground].every((value) => value.startsWith('var(')))
      assert.ok(known.length >= 10, `${known.length} rules of ${ruled.length}`)
      assert.deepEqual(findFaint(colourOf, known, READ), [])
    })

    test('Mantine’s buttons', async () => {
      assert.deepEqual(findFaint(colourOf, await readButtons(), READ), [])
    })

    test('what Mantine takes for text is one of our colours', () => {
      const mapped = readRules(read('web/src/theme/base.css'))[0]?.declarations ?? new Map<string, string>()
      const texts = ['text', 'dimmed', 'placeholder', 'error', 'anchor', 'default-color'].map(
        (name): readonly [string, Pair] => [name, [mapped.get(`--mantine-color-${name}`) ?? '', 'var(--surface)']],
      )
      assert.deepEqual(findFaint(colourOf, texts, READ), [])
    })

    test('a colour of the operator’s own, whichever the configuration takes', () => {
      fc.assert(
        fc.property(acceptedAccent, (accent) => assertReadable(accent, scheme)),
        { numRuns: 500 },
      )
    })
  })
}

/** As the configuration judges. */
const acceptedAccent = fc
  .integer({ min: 0, max: 0xffffff })
  .map((n): HexColour => `#${n.toString(16).padStart(6, '0')}`)
  .filter((colour) => contrastRatio(colour, '#ffffff') >= READABLE)

function assertReadable(accent: HexColour, scheme: Scheme): void {
  const colourOf = readColours([tokens, ...accentTokens(accent)], scheme)
  assert.deepEqual(findFaint(colourOf, named(WRITTEN), READ), [])
  assert.deepEqual(findFaint(colourOf, named(DRAWN), SEEN), [])
}
