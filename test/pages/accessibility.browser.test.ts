// Every page of the gateway and of the demo's services, in light and dark, narrow and wide: nothing for axe to find,
// nothing to scroll sideways for. And the way through by keyboard alone.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Door, startOneNode } from '../e2e/door.ts'
import { accountOf, visit } from '../e2e/visitor.ts'
import {
  findAccessibilityProblems,
  openBrowser,
  type Page,
  scrollsSideways,
  type TestBrowser,
  takeScreenshot,
} from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'

const forStrangers = ['/auth/login', '/auth/login?returnTo=/account', '/auth/logged-out', '/tryout/', '/no-such-page']
const forPeople = [
  '/',
  '/account',
  '/auth/connect',
  '/docs/',
  '/docs/errors',
  '/api/echo/reports',
  '/api/manager/folders',
  '/api/staff/',
  '/account/no-such-page',
]

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('every page, for everybody', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: Door
  before(async () => {
    door = await startOneNode()
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1440]) {
      test(`${colorScheme}, ${width} pixels wide`, async () => {
        const visitor = await visit(browser, door, { colorScheme, width })
        const problems: string[] = []
        const look = async (): Promise<void> => {
          // A page of the portal is drawn once it has loaded.
          await visitor.heading()
          problems.push(...(await examine(visitor.page)))
          const name = new URL(visitor.page.url()).pathname.replaceAll(/\W+/g, '-')
          await takeScreenshot(visitor.page, `${colorScheme}-${width}${name}`)
        }
        for (const path of forStrangers) {
          await visitor.goTo(path)
          await look()
        }
        await visitor.goTo('/')
        const form = visitor.page.getByRole('form', { name: 'Manager' })
        await form.getByLabel('Name').fill('member')
        await form.getByLabel('Password').fill('wrong')
        await form.getByRole('button', { name: 'Log in', exact: true }).click()
        await visitor.page.getByRole('alert').waitFor()
        await look()
        await visitor.logInHere(accountOf(door, 'member'))
        for (const path of forPeople) {
          await visitor.goTo(path)
          await look()
        }
        assert.deepEqual(problems, [])
      })
    }
  }

  test('the keyboard alone is enough: log in, look, extend, log out', async () => {
    const { page, goTo, heading } = await visit(browser, door)
    await goTo('/')
    await pressUntil(page, 'Tab', 'Name')
    await page.keyboard.type('member')
    await pressUntil(page, 'Tab', 'Password')
    await page.keyboard.type(accountOf(door, 'member').password)
    await pressEnter(page)
    assert.equal(await heading(), 'Hello, member')

    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'Skip to content')
    await page.keyboard.press('Enter')
    await pressUntil(page, 'Tab', 'Echo service')
    await pressEnter(page)
    assert.equal(await heading(), 'Called by member')

    await goTo('/account')
    await pressUntil(page, 'Tab', 'Extend this session')
    await pressEnter(page)
    assert.equal(await heading(), 'Your account')
    await pressUntil(page, 'Tab', 'Log out')
    await pressEnter(page)
    assert.equal(await heading(), 'You are logged out')
  })
})

async function examine(page: Page): Promise<readonly string[]> {
  const problems = await findAccessibilityProblems(page)
  return (await scrollsSideways(page)) ? [...problems, `${page.url()} scrolls sideways`] : problems
}

/** What has the focus, as assistive technology would name it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate("(document.activeElement?.labels?.[0]?.innerText ?? document.activeElement?.innerText ?? '').trim()")

/** @throws if the focus does not come there, or cannot be seen when it does */
async function pressUntil(page: Page, key: string, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press(key)
    if ((await focused(page)) !== name) continue
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    assert.notEqual(outline, 'none', `the focus on "${name}" can be seen`)
    return
  }
  assert.fail(`${key} never comes to "${name}" at ${page.url()}`)
}

/** Follows the link or sends the form that has the focus, and waits for the page that comes. */
async function pressEnter(page: Page): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.keyboard.press('Enter')
  await loaded
}
