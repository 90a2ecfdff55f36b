// Every page of the gateway and of the demo's services, in light and dark, narrow and wide: nothing for axe to find,
// nothing to scroll sideways for. And the way through by keyboard alone.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Door, startOneNode } from '../e2e/door.ts'
import { enterPage, logInByKeys, nameOfFocus, press, walkTo } from '../e2e/keyboard.ts'
import { findPageProblems } from '../e2e/page-problems.ts'
import { accountOf, visit } from '../e2e/visitor.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
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

  test('each page, in light and dark, narrow and wide', async () => {
    const { page, goTo, heading, logInHere } = await visit(browser, door)
    const problems: string[] = []
    const look = async (): Promise<void> => {
      // A page of the portal is drawn once it has loaded.
      await heading()
      problems.push(...(await findPageProblems(page, page.url())))
    }
    for (const path of forStrangers) {
      await goTo(path)
      await look()
    }
    await goTo('/')
    const form = page.getByRole('form', { name: 'Manager' })
    await form.getByLabel('Name').fill('member')
    await form.getByLabel('Password').fill('wrong')
    await form.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await look()
    await logInHere(accountOf(door, 'member'))
    for (const path of forPeople) {
      await goTo(path)
      await look()
    }
    assert.deepEqual(problems, [])
  })

  test('the keyboard alone is enough: log in, look, extend, log out', async () => {
    const { page, goTo, heading } = await visit(browser, door)
    await goTo('/')
    await logInByKeys(page, accountOf(door, 'member'))
    await page.getByRole('heading', { level: 1, name: 'Hello, member' }).waitFor()

    await press(page, 'Tab')
    assert.equal(await nameOfFocus(page), 'Skip to content')
    await press(page, 'Enter')
    await walkTo(page, 'Echo service')
    await enterPage(page)
    assert.equal(await heading(), 'Called by member')

    await goTo('/account')
    await walkTo(page, 'Extend this session')
    await enterPage(page)
    assert.equal(await heading(), 'Your account')
    await walkTo(page, 'Log out')
    await enterPage(page)
    assert.equal(await heading(), 'You are logged out')
  })
})
