// What is wrong with a page as it looks: in light and dark, at 320 and 1440 pixels, nothing may be there for axe to find, and
// at those widths and between them nothing may stand out of it sideways or be cut off; and no word may be missing.

import { findAccessibilityProblems, type Page, scrollsSideways } from '../support/browser.ts'
import { storeOfThisRun } from '../support/test-stores.ts'
import { findMissingWords } from './missing-words.ts'

/** The kind of store has no part in how pages look: on one kind they are looked at. */
export const isLookedAt: boolean = storeOfThisRun() === 'embedded'

/** In which languages pages are looked at. */
export const looked: readonly ('en' | 'de')[] = isLookedAt ? ['en', 'de'] : []

/** One line each; empty if nothing. */
export async function findPageProblems(page: Page, name: string): Promise<readonly string[]> {
  if (!isLookedAt) return []
  const missing = await findMissingWords(page)
  const problems: string[] = missing.map((word) => `${name}: there are no words for ${word}`)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The script of the portal hears of it a moment after the styles.
    const drawn = `html:not(:has(.shell)), html[data-mantine-color-scheme="${colorScheme}"]`
    await page.locator(drawn).waitFor({ state: 'attached' })
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      const where = `${name} ${colorScheme} ${width}`
      for (const problem of await findAccessibilityProblems(page)) problems.push(`${where}: ${problem}`)
    }
  }
  return [...problems, ...(await findLost(page, name, [320, 768, 1100, 1440]))]
}

/**
 * What readers may do with the text of a page without losing any of it: twice the size (WCAG 2.2 §1.4.4), and the spaces of
 * §1.4.12.
 */
export async function findLostWhenChanged(page: Page, name: string): Promise<readonly string[]> {
  const problems: string[] = []
  for (const [change, css, widths] of [
    ['at twice the size', 'html { font-size: 200% }', [1440]],
    ['with wide spaces', WIDE_SPACES, [320, 1440]],
  ] as const) {
    await page.evaluate(`(() => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(${JSON.stringify(css)})
      document.adoptedStyleSheets = [sheet]
    })()`)
    problems.push(...(await findLost(page, `${name} ${change}`, widths)))
  }
  await page.evaluate('document.adoptedStyleSheets = []')
  return problems
}

const WIDE_SPACES = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`

async function findLost(page: Page, name: string, widths: readonly number[]): Promise<readonly string[]> {
  const problems: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    const found = await settled(() => findLostNow(page))
    problems.push(...found.map((problem) => `${name} ${width} ${problem}`))
  }
  return problems
}

/** At this size of the window. */
export async function findLostNow(page: Page): Promise<readonly string[]> {
  const cutOff = await findCutOff(page)
  return [...((await scrollsSideways(page)) ? ['scrolls sideways'] : []), ...cutOff.map((each) => `cuts off ${each}`)]
}

/** An open menu follows its button a few frames after the window has another size. What is wrong for longer stays wrong. */
async function settled(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadlineMs = performance.now() + MOVE_MS
  let found = await find()
  while (found.length > 0 && performance.now() < deadlineMs) found = await find()
  return found
}

const MOVE_MS = 1_000

/**
 * Words of buttons, links, labels and headings that are wider than their place, or stand out of the page or of what clips
 * them. The name that the operator gave may be; the heads of tables that are cards are there for who listens.
 */
const findCutOff = (page: Page): Promise<readonly string[]> => page.evaluate(CUT_OFF)

const CUT_OFF = `[...document.querySelectorAll('button, a, label, legend, h1, h2, h3, th, dt, .badge')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden, .skip, .brand'))
  .filter((element) => getComputedStyle(element.closest('thead') ?? document.body).position !== 'absolute')
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect()
    let isOutside = left < -1 || right > innerWidth + 1
    for (let around = element.parentElement; around !== null; around = around.parentElement) {
      const frame = around.getBoundingClientRect()
      if (getComputedStyle(around).overflowX !== 'hidden') continue
      isOutside ||= left < frame.left - 1 || right > frame.right + 1
    }
    const mustHold = getComputedStyle(element).overflowX !== 'visible' || element.matches('th')
    const isClipped = mustHold && element.scrollWidth > element.clientWidth + 1
    const inner = [...element.querySelectorAll('*')].some((each) =>
      getComputedStyle(each).overflowX !== 'visible' && each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)
    return isOutside || isClipped || inner
  })
  .map((element) => element.tagName.toLowerCase() + ' ' + (element.innerText || element.ariaLabel || ''))`
