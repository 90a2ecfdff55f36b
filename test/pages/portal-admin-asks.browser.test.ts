// What administrators ask and end in the portal, by keyboard alone: whether somebody may send a request, who is logged in,
// and a session that is to be over.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Door, startOneNode } from '../e2e/door.ts'
import { press, type, walkTo } from '../e2e/keyboard.ts'
import { type Visitor, visitAs } from '../e2e/visitor.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('what administrators ask', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: Door
  before(async () => {
    door = await startOneNode({ config: { access: { contact: 'the user office' } } })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  const enter = (name: string): Promise<Visitor> => visitAs(browser, door, name)

  test('whether a person may send a request, by which rule, and what would help', async () => {
    const member = await enter('member')
    const { page, goTo } = await enter('admin')
    await goTo('/admin/policy')
    await walkTo(page, 'Person')
    await type(page, 'member')
    await page.getByRole('button', { name: /^Choose: .*member/ }).waitFor()
    await walkTo(page, /^Choose: .*member · sso/)
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Choose somebody else' }).waitFor()
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Choose somebody else')
    await walkTo(page, 'Path')
    await type(page, '/admin/users')
    await press(page, 'Enter')
    await page.getByRole('heading', { name: /^Refused: .* may not do this$/ }).waitFor()
    assert.match(String(await page.evaluate('document.activeElement.innerText')), /^Refused/)
    const answer = page.getByRole('region', { name: /^Refused/ })
    assert.match(await answer.innerText(), /access\.admins[\s\S]*the user office/)
    assert.equal((await member.page.request.get(`${door.url}/admin/users`)).status(), 403, 'and so it is')

    await walkTo(page, 'Service')
    await type(page, 'echo')
    await walkTo(page, 'Ask')
    await press(page, 'Enter')
    await page.getByRole('heading', { name: /^Allowed: / }).waitFor()
    assert.match(await page.getByRole('region', { name: /^Allowed/ }).innerText(), /upstreams\[\d\]/)

    await page.reload()
    await page.getByRole('heading', { name: /^Allowed: / }).waitFor()
    const here = page.getByRole('navigation').locator('[aria-current="page"]')
    assert.deepEqual(await here.allInnerTexts(), ['Policy tester'], 'whatever the question is')
  })

  test('from a person, and from a service, to the question', async () => {
    const { page, goTo } = await enter('admin')
    await goTo('/admin/services')
    await walkTo(page, /^Who may\? echo/)
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'Policy tester' }).waitFor()
    assert.match(await page.getByLabel('Path').inputValue(), /echo/)
    await walkTo(page, 'Somebody who is not logged in')
    await press(page, 'Enter')
    await walkTo(page, 'Ask')
    await press(page, 'Enter')
    await page.getByRole('heading', { name: /^Refused: Somebody who is not logged in/ }).waitFor()

    await goTo('/admin/users')
    await walkTo(page, /^May they …\?: Ada Admin/)
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Choose somebody else' }).waitFor()
    await page.getByRole('main').getByText('Ada Admin').waitFor()
  })

  test('who is logged in, and a session that is ended', async () => {
    const member = await enter('member')
    const { page, goTo } = await enter('admin')
    await goTo('/admin/users')
    await walkTo(page, /^Sessions: .*ember/)
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor()
    await page.getByRole('row', { name: /Ada Admin/ }).waitFor({ state: 'detached' })
    await page
      .getByRole('row', { name: /member/ })
      .first()
      .waitFor()
    await walkTo(page, /^End the session of /)
    await press(page, 'Enter')
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Really end it')
    assert.equal((await member.page.request.get(`${door.url}/api/v1/me`)).status(), 200, 'it was only asked')
    await press(page, 'Enter')
    await page.getByText(/^A session of .* has ended$/).waitFor()
    assert.equal((await member.page.request.get(`${door.url}/api/v1/me`)).status(), 401)
    await walkTo(page, 'End all sessions of this person')
    await press(page, 'Enter')
    await press(page, 'Enter')
    await page.getByText('Nobody is logged in').waitFor()
    await walkTo(page, 'Show everybody')
    await press(page, 'Enter')
    await page
      .getByRole('row', { name: /Ada Admin/ })
      .first()
      .waitFor()
  })
})
