// A page of the portal that is open while somebody logs in whom nobody has approved yet: it leads to the one page that they
// have, instead of to errors.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { storeOfThisRun } from '../support/test-stores.ts'
import { type GlassDoor, startOneNode } from './door.ts'
import { press, walkTo } from './keyboard.ts'
import { findPageProblems } from './page-problems.ts'
import { accountOf, visit } from './visitor.ts'

const found = await openBrowser()
// The kind of store has no part in it.
const skip = isMissing(found) ? found.missing : storeOfThisRun() !== 'embedded'
const WAITING = 'Your account is waiting for approval'

describe('who waits for approval', { skip, timeout: 120_000 }, () => {
  const browser = found as TestBrowser
  let door: GlassDoor
  before(async () => {
    door = await startOneNode({ config: { access: { signUp: { approval: 'required' } } } })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  test('a page that was open for somebody else leads to the page that says so', async () => {
    const visitor = await visit(browser, door)
    const { page } = visitor
    await visitor.goTo('/')
    await visitor.logInElsewhere(accountOf(door, 'staff'))
    await page.getByRole('heading', { level: 1, name: WAITING }).waitFor()
    assert.deepEqual(await findPageProblems(page, 'who waits'), [])
    for (const [list, name, language] of [
      ['Language', 'Deutsch', 'de'],
      ['Sprache', '日本語', 'ja'],
      ['言語', 'English', 'en'],
    ] as const) {
      await page.getByText(list, { exact: true }).click()
      await page.getByRole('button', { name }).click()
      await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' })
      if (language !== 'en') assert.deepEqual(await findPageProblems(page, `who waits, ${name}`), [])
    }
    const users = door.nodes[0]?.apis.access.users
    const [staff] = (await users?.list({ state: 'pending', limit: 1 })) ?? []
    assert.ok(users !== undefined && staff !== undefined, 'somebody waits')
    await users.approve(staff.id)
    await walkTo(page, 'Look again')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor()

    const other = await page.context().newPage()
    await other.goto(`${door.url}/auth/login?again=1`)
    const form = other.getByRole('form', { name: 'Manager' })
    const { username, password } = accountOf(door, 'member')
    await form.getByLabel('Name').fill(username)
    await form.getByLabel('Password').fill(password)
    await press(other, 'Enter')
    await other.getByRole('heading', { level: 1, name: WAITING }).waitFor()

    await walkTo(page, 'Sessions')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: WAITING }).waitFor()
  })
})
