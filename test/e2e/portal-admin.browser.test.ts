// What administrators do in the portal, by keyboard alone: let somebody in who waits, keep somebody out who was in, and see
// it written down. And how their pages are: nothing for axe to find, no word missing, in both languages.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { type Door, startOneNode } from './door.ts'
import { press, type, walkTo } from './keyboard.ts'
import { looked } from './page-problems.ts'
import { findProblemsIn } from './portal-page.ts'
import { type Visitor, visitAs } from './visitor.ts'

const PAGES = [
  '/admin',
  '/admin/users',
  '/admin/sessions',
  '/admin/tokens',
  '/admin/groups',
  '/admin/service-accounts',
  '/admin/services',
  '/admin/policy',
  '/admin/policy?user=anonymous&path=/api/manager/',
  '/admin/policy?user=sso/nobody&path=/admin',
  '/admin/policy?user=anonymous&path=/nowhere',
  '/admin/audit',
]

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('the portal, for administrators', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: Door
  before(async () => {
    door = await startOneNode({
      config: { access: { signUp: { approval: 'required', autoApproveGroups: ['admins'] } } },
    })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  const enter = (name: string): Promise<Visitor> => visitAs(browser, door, name)

  test('somebody who waits is let in, and kept out again, with all that is open', async () => {
    const member = await enter('member')
    assert.match(await member.page.getByRole('main').innerText(), /approv/i)

    const { page, goTo } = await enter('admin')
    await goTo('/portal/admin/users?state=pending')
    await page.getByRole('row', { name: /member/ }).waitFor()
    assert.equal(await page.getByLabel('Standing').inputValue(), 'pending', 'as the mail’s link says')
    await goTo('/admin/users')
    await walkTo(page, 'Standing')
    await type(page, 'Waits')
    const row = page.getByRole('row', { name: /member/ })
    await row.waitFor()
    await walkTo(page, /^Let in: /)
    await press(page, 'Enter')
    await row.waitFor({ state: 'detached' })
    await member.goTo('/')
    assert.match(await member.heading(), /^Hello/)

    // What is chosen stays chosen when the page is loaded again.
    await page.reload()
    assert.equal(await page.getByLabel('Standing').inputValue(), 'pending')
    await goTo('/admin/users')
    await walkTo(page, 'Name, e-mail address or subject')
    await type(page, 'member')
    await page.getByRole('row', { name: /admin · sso/ }).waitFor({ state: 'detached' })
    await walkTo(page, /^Disable: /)
    await press(page, 'Enter')
    await row.getByText('Disabled').waitFor()
    assert.equal((await member.page.request.get(`${door.url}/api/v1/me`)).status(), 401)

    await goTo('/admin/audit')
    await page
      .getByRole('cell', { name: /Ada Admin/ })
      .or(page.getByText('Ada Admin'))
      .first()
      .waitFor()
    await page.getByText('user.disable').waitFor()
  })

  test('a group is made, somebody is put in, and a program gets a new key', async () => {
    const { page, goTo } = await enter('admin')
    await goTo('/admin/groups')
    await walkTo(page, 'Name')
    await type(page, 'beamtime')
    await press(page, 'Enter')
    await page.getByRole('heading', { name: 'Members of beamtime' }).waitFor()
    await walkTo(page, 'Find people to add')
    await type(page, 'Ada')
    await page.getByRole('button', { name: 'Add: Ada Admin' }).waitFor()
    await walkTo(page, 'Add: Ada Admin')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Remove: Ada Admin' }).waitFor()
    const me = (await (await page.request.get(`${door.url}/api/v1/me`)).json()) as {
      readonly groups: readonly string[]
    }
    assert.ok(me.groups.includes('local:beamtime'), String(me.groups))
    await walkTo(page, 'Delete: beamtime')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Really delete beamtime' }).waitFor()
    await page.keyboard.press('Shift+Tab')
    await page.getByRole('button', { name: 'Delete: beamtime' }).waitFor()
    await walkTo(page, 'Delete: beamtime')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Really delete beamtime' }).waitFor()
    await press(page, 'Enter')
    await page.getByText('beamtime is gone').waitFor()

    await goTo('/admin/service-accounts')
    await walkTo(page, 'Name')
    await type(page, 'robot')
    await walkTo(page, 'Groups')
    await type(page, 'lab, night')
    await walkTo(page, 'Use every service')
    await press(page, 'Space')
    await walkTo(page, 'Make it')
    await press(page, 'Enter')
    const first = await takeKey(page)
    assert.equal(await statusWith(first), 200)
    await walkTo(page, 'New key: robot')
    await press(page, 'Enter')
    const second = await takeKey(page)
    assert.notEqual(second, first)
    assert.equal(await statusWith(second), 200)

    await walkTo(page, 'Name')
    await type(page, 'robot')
    await press(page, 'Enter')
    await page.getByText('There is an account of this name.').waitFor()
    assert.equal(await page.getByRole('cell', { name: 'lab, night' }).count(), 1, 'and it is as it was')
  })

  /** The key that is shown and has the focus, until it is put away. */
  const takeKey = async (page: Page): Promise<string> => {
    await page
      .locator(':focus')
      .and(page.getByRole('heading', { name: 'A new key for robot' }))
      .waitFor()
    const secret = await page
      .getByRole('region', { name: /^A new key/ })
      .locator('code')
      .innerText()
    await walkTo(page, 'I have kept it')
    await press(page, 'Enter')
    await page.getByText(secret).waitFor({ state: 'detached' })
    return secret
  }

  const statusWith = async (secret: string): Promise<number> =>
    (await fetch(`${door.url}/api/echo/x`, { headers: { authorization: `Bearer ${secret}` } })).status

  for (const language of looked) {
    test(`in ${language}: light and dark, 320 and 1440 pixels wide`, async () => {
      assert.deepEqual(await findProblemsIn(language, await enter('admin'), door.url, PAGES), [])
    })
  }
})
