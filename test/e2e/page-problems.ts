// What is wrong with a page as it looks: in light and dark, at 320 and 1440 pixels, nothing may be there for axe to find, and
// nothing may stand out of it sideways.

import { findAccessibilityProblems, type Page, scrollsSideways } from '../support/browser.ts'
import { storeOfThisRun } from '../support/test-stores.ts'

/** In which languages pages are looked at. The kind of store has no part in how they look. */
export const looked: readonly ('en' | 'de')[] = storeOfThisRun() === 'embedded' ? ['en', 'de'] : []

/** One line each; empty if nothing. */
export async function findPageProblems(page: Page, path: string): Promise<readonly string[]> {
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The script hears of it a moment after the styles.
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' })
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      const where = `${path} ${colorScheme} ${width}`
      for (const problem of await findAccessibilityProblems(page)) problems.push(`${where}: ${problem}`)
      if (await scrollsSideways(page)) problems.push(`${where} scrolls sideways`)
    }
  }
  return problems
}
