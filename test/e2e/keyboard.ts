// A page used by keyboard alone: Tab until the focus is on something, by the name that assistive technology would say, and
// then keys. The focus must be seen wherever it comes.

import assert from 'node:assert/strict'
import type { Page } from '../support/browser.ts'

export const press = (page: Page, key: string): Promise<void> => page.keyboard.press(key)
export const type = (page: Page, text: string): Promise<void> => page.keyboard.type(text)

/**
 * A page that still loads is walked until it is there.
 * @throws if the focus does not come there within a round of the page, or cannot be seen there
 */
export async function walkTo(page: Page, name: string | RegExp): Promise<void> {
  const isMeant = (said: string): boolean => (typeof name === 'string' ? said === name : name.test(said))
  const met: string[] = []
  const deadlineMs = performance.now() + LOADING_MS
  for (let presses = 0; presses < ROUND || performance.now() < deadlineMs; presses++) {
    await page.keyboard.press('Tab')
    const said = await nameOfFocus(page)
    met.push(said)
    if (!isMeant(said)) continue
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    const isChoice = await page.evaluate("document.activeElement.closest('label.choice') !== null")
    assert.ok(outline !== 'none' || isChoice, `the focus on "${said}" can be seen`)
    return
  }
  assert.fail(`Tab never comes to "${name}" at ${page.url()}, only to ${[...new Set(met)].join(', ')}`)
}

/** More than any page has to stop at. */
const ROUND = 80
const LOADING_MS = 10_000

/** At a page that asks for a name and a password, to where that leads. */
export async function logInByKeys(
  page: Page,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  await walkTo(page, 'Name')
  await type(page, username)
  await walkTo(page, 'Password')
  await type(page, password)
  await press(page, 'Enter')
}

/** Follows the link or sends the form that has the focus, to the page that the server answers with. */
export async function enterPage(page: Page): Promise<void> {
  const loaded = page.waitForEvent('load')
  await press(page, 'Enter')
  await loaded
}

/** As assistive technology would say it. */
export const nameOfFocus = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const { activeElement: focused } = document
    const said = focused?.getAttribute('aria-label') ?? focused?.labels?.[0]?.innerText ?? focused?.innerText ?? ''
    return said.replace(' *', '').trim()
  })()`)
