// The account pages in Chromium: nothing for axe to find in light and dark, narrow and wide; by keyboard alone a person logs in,
// makes a token that works, and revokes it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { enterPage, logInByKeys, walkTo } from '../e2e/keyboard.ts'
import { findPageProblems } from '../e2e/page-problems.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
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
    await goTo(page, '/account/login?next=/account/token')
    await logInByKeys(page, await lab.account('ada'))
    await page.getByRole('heading', { name: 'Tokens for scripts' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/account/token')
  }

  test('each page, in light and dark, narrow and wide', async () => {
    const page = await browser.newPage()
    const problems: string[] = []
    const look = async (name: string): Promise<void> => {
      problems.push(...(await findPageProblems(page, name)))
    }
    await goTo(page, '/account/logout')
    await look('/account/logout, for nobody')
    await logIn(page)
    await look('/account/token')
    await walkTo(page, 'Create a token')
    await enterPage(page)
    await look('a token that was made')
    for (const path of ['/account', '/account/logout']) {
      await goTo(page, path)
      await look(path)
    }
    assert.deepEqual(problems, [])
  })

  test('by keyboard alone: log in, make a token, revoke it, log out', async () => {
    const page = await browser.newPage()
    await logIn(page)
    await walkTo(page, 'Create a token')
    await enterPage(page)
    const token = await page.getByLabel('Token', { exact: true }).inputValue()
    assert.equal((await lab.ask(WHOAMI, bearer(token))).status, 200)
    await walkTo(page, 'Revoke all my tokens')
    await enterPage(page)
    await page.getByText('All tokens that you have had until now are revoked.').waitFor()
    assert.equal((await lab.ask(WHOAMI, bearer(token))).status, 401)
    await goTo(page, '/account/logout')
    // The first is in the header.
    await walkTo(page, 'Log out')
    await walkTo(page, 'Log out')
    await enterPage(page)
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
