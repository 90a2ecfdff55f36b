// The account pages in Chromium: nothing for axe to find in light and dark, narrow and wide; by keyboard alone a person logs in,
// makes a token that works, and revokes it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  findAccessibilityProblems,
  openBrowser,
  type Page,
  scrollsSideways,
  type TestBrowser,
  takeScreenshot,
} from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { type AccountLab, bearer, startAccountLab } from './account-lab.ts'

const WHOAMI = '/api/v1/account/whoami'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('the account pages', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let lab: AccountLab
  before(async () => {
    lab = await startAccountLab()
  })
  after(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })

  const goTo = (page: Page, path: string) => page.goto(`${lab.url}${path}`)

  /** From the address of the token, which leads to the login and back. */
  const logIn = async (page: Page): Promise<void> => {
    const { username, password } = await lab.account('ada')
    await goTo(page, '/account/login?next=/account/token')
    await press(page, 'Name')
    await page.keyboard.type(username)
    await press(page, 'Password')
    await page.keyboard.type(password)
    await enter(page)
    assert.equal(new URL(page.url()).pathname, '/account/token')
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1440]) {
      test(`${colorScheme}, ${width} pixels wide: nothing to find`, async () => {
        const page = await browser.newPage({ colorScheme, width })
        const problems: string[] = []
        const look = async (name: string): Promise<void> => {
          problems.push(...(await findAccessibilityProblems(page)))
          if (await scrollsSideways(page)) problems.push(`${name} scrolls sideways`)
          await takeScreenshot(page, `${colorScheme}-${width}-${name}`)
        }
        await goTo(page, '/account/logout')
        await look('account-logout-nobody')
        await logIn(page)
        await look('account-token')
        await press(page, 'Create a token')
        await enter(page)
        await look('account-token-made')
        for (const path of ['/account', '/account/logout']) {
          await goTo(page, path)
          await look(path.slice(1).replace('/', '-'))
        }
        assert.deepEqual(problems, [])
      })
    }
  }

  test('by keyboard alone: log in, make a token, revoke it, log out', async () => {
    const page = await browser.newPage()
    await logIn(page)
    await press(page, 'Create a token')
    await enter(page)
    const token = await page.getByLabel('Token', { exact: true }).inputValue()
    assert.equal((await lab.ask(WHOAMI, bearer(token))).status, 200)
    await press(page, 'Revoke all my tokens')
    await enter(page)
    await page.getByText('All tokens that you have had until now are revoked.').waitFor()
    assert.equal((await lab.ask(WHOAMI, bearer(token))).status, 401)
    await goTo(page, '/account/logout')
    await press(page, 'Log out', 2)
    await enter(page)
    assert.equal(new URL(page.url()).pathname, '/auth/logged-out')
  })

  test('typed into the address bar, the address of the token answers with it; a link elsewhere leads to the page', async () => {
    const page = await browser.newPage()
    await logIn(page)
    const answer = (await goTo(page, '/account/token/create')) ?? assert.fail()
    assert.deepEqual([answer.status(), ((await answer.json()) as { status: string }).status], [200, 'ok'])
    // Another site: the same machine under a name of its own.
    const elsewhere = lab.url.replace('127.0.0.1', 'localhost')
    await page.route(`${elsewhere}/evil`, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<a href="${lab.url}/account/token/create">a prize</a>` }),
    )
    await page.goto(`${elsewhere}/evil`)
    await page.getByRole('link').click()
    await page.getByRole('heading', { name: 'Tokens for scripts' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/account/token')
  })
})

/** What has the focus, as assistive technology would name it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate("(document.activeElement?.labels?.[0]?.innerText ?? document.activeElement?.innerText ?? '').trim()")

/** Tabs to it. @param nth of those with this name; the first unless told */
async function press(page: Page, name: string, nth = 1): Promise<void> {
  let left = nth
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    if ((await focused(page)) === name) left -= 1
    if (left === 0) return
  }
  assert.fail(`Tab never comes to "${name}" at ${page.url()}`)
}

/** Follows the link or sends the form that has the focus, and waits for the page that comes. */
async function enter(page: Page): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.keyboard.press('Enter')
  await loaded
}
