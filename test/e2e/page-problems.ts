// What is wrong with a page as it looks: in light and dark, at 320 and 1440 pixels, nothing may be there for axe to find, and
// nothing may stand out of it sideways or be cut off.

import { findAccessibilityProblems, type Page, scrollsSideways } from '../support/browser.ts'
import { storeOfThisRun } from '../support/test-stores.ts'

/** The kind of store has no part in how pages look: on one kind they are looked at. */
export const isLookedAt: boolean = storeOfThisRun() === 'embedded'

/** In which languages pages are looked at. */
export const looked: readonly ('en' | 'de')[] = isLookedAt ? ['en', 'de'] : []

/** One line each; empty if nothing. */
export async function findPageProblems(page: Page, name: string): Promise<readonly string[]> {
  if (!isLookedAt) return []
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The script of the portal hears of it a moment after the styles.
    const drawn = `html:not(:has(.shell)), html[data-mantine-color-scheme="${colorScheme}"]`
    await page.locator(drawn).waitFor({ state: 'attached' })
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      const where = `${name} ${colorScheme} ${width}`
      for (const problem of await findAccessibilityProblems(page)) problems.push(`${where}: ${problem}`)
      if (await scrollsSideways(page)) problems.push(`${where} scrolls sideways`)
      if (width === 320) for (const each of await findCutOff(page)) problems.push(`${where} cuts off ${each}`)
    }
  }
  return problems
}

/**
 * Words of buttons, links, labels and headings that are wider than their place, or stand out of the page. The name that the
 * operator gave may be; heads of tables are there for who listens, the tables themselves are cards.
 */
export const findCutOff = (page: Page): Promise<readonly string[]> => page.evaluate(CUT_OFF)

const CUT_OFF = `[...document.querySelectorAll('button, a, label, legend, h1, h2, h3, th, dt, .badge')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden, .skip, .brand, thead'))
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect()
    const isOutside = left < -1 || right > innerWidth + 1
    const isClipped = getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1
    const inner = [...element.querySelectorAll('*')].some((each) =>
      getComputedStyle(each).overflowX !== 'visible' && each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)
    return isOutside || isClipped || inner
  })
  .map((element) => element.tagName.toLowerCase() + ' ' + (element.innerText || element.ariaLabel || ''))`
