// A page of the portal that is open while somebody logs in whom nobody has approved yet: it leads to the one page that they
// have, instead of to errors.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type GlassDoor, startOneNode } from '../e2e/door.ts'
import { press, walkTo } from '../e2e/keyboard.ts'
import { findPageProblems } from '../e2e/page-problems.ts'
import { accountOf, visit } from '../e2e/visitor.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false
const WAITING = 'Your account is waiting for approval'

describe('who waits for approval', { skip, timeout: 120_000 }, () => {
  const browser = found as TestBrowser
  let door: GlassDoor
  before(async () => {
    door = await startOneNode({ config: { access: { contact: 'the user office', signUp: { approval: 'required' } } } })
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
    assert.equal(new URL(page.url()).pathname, '/auth/pending')
    await page.getByText('the user office').waitFor()
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
