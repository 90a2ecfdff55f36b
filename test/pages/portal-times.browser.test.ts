// What the portal says of time: how long the session has, with a warning five minutes and one minute before its end; and
// moments, exact wherever they are relative. The clocks of the gateway and of the browser are moved together.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { logInByKeys, press } from '../e2e/keyboard.ts'
import { type Lab, startLab } from '../gateway/lab.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { isMissing } from '../support/programs.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

const ENDING = 'Your session is about to end'
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

describe('times in the portal', { skip, timeout: 120_000 }, () => {
  const browser = found as TestBrowser
  const clock = createManualClock(Date.now())
  let lab: Lab
  before(async () => {
    lab = await startLab({ clock, config: { sessions: { idle: '10m', absolute: '1h' } } })
  })
  after(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })

  const enter = async (): Promise<Page> => {
    const page = await browser.newPage()
    await page.clock.install({ time: clock.now() })
    await page.goto(`${lab.url}/auth/login?returnTo=%2Fhelp`)
    await logInByKeys(page, await lab.account('grace'))
    await page.getByRole('heading', { level: 1, name: 'Help' }).waitFor()
    return page
  }

  const pass = async (page: Page, ms: number): Promise<void> => {
    clock.advance(ms)
    await page.clock.fastForward(ms)
  }

  const left = (page: Page) => page.getByRole('banner').locator('.clock')
  const warning = (page: Page) => page.getByRole('alertdialog', { name: ENDING })
  const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement?.innerText ?? ''")

  test('five minutes and one minute before the end it warns; each warning is put away by one key', async () => {
    const page = await enter()
    await left(page)
      .getByText(/^(10|9) min$/)
      .waitFor()
    await pass(page, 4 * MINUTE_MS)
    await left(page)
      .getByText(/^[56] min$/)
      .waitFor()
    assert.equal(await warning(page).count(), 0, 'not yet')

    await pass(page, MINUTE_MS + SECOND_MS)
    await warning(page).waitFor()
    assert.equal(await focused(page), 'Stay signed in')
    await press(page, 'Escape')
    await warning(page).waitFor({ state: 'detached' })
    await pass(page, 3 * MINUTE_MS)
    await left(page).getByText('1 min').waitFor()
    assert.equal(await warning(page).count(), 0, 'what was put away stays away until the next one')

    await pass(page, MINUTE_MS)
    await warning(page).waitFor()
    await warning(page)
      .getByText(/^5\d sec$/)
      .waitFor()
    assert.equal(await focused(page), 'Stay signed in')
  })

  test('one key in the last minute extends it, and the next end is warned of again', async () => {
    const page = await enter()
    await pass(page, 9 * MINUTE_MS + 5 * SECOND_MS)
    await warning(page).waitFor()
    const extended = page.waitForResponse(/\/sessions\/current\/extend$/)
    await press(page, 'Enter')
    assert.equal((await extended).status(), 200)
    await warning(page).waitFor({ state: 'detached' })
    await left(page)
      .getByText(/^(10|9) min$/)
      .waitFor()
    await pass(page, 9 * MINUTE_MS + 5 * SECOND_MS)
    await warning(page).waitFor()
    assert.equal(await page.evaluate("fetch('/api/v1/me').then(({ status }) => status)"), 200, 'it was not over')
  })

  test('whoever lets the last minute pass is told that it is over', async () => {
    const page = await enter()
    await pass(page, 9 * MINUTE_MS + 5 * SECOND_MS)
    await warning(page).waitFor()
    await pass(page, MINUTE_MS)
    await page.getByRole('alertdialog', { name: 'Your session has ended' }).waitFor()
    await warning(page).waitFor({ state: 'detached' })
  })

  test('wherever a time is relative the exact one stands with it: nothing to point at, no stop of the Tab key', async () => {
    const page = await enter()
    for (const path of ['/', '/settings/sessions', '/admin/users', '/admin/sessions', '/admin/audit', '/account']) {
      await page.goto(lab.url + path)
      const times = page.getByRole('main').locator('time')
      await times.first().waitFor()
      const said = await times.evaluateAll((all) =>
        all.map((each) => ({ text: each.innerText, hint: each.title, stop: each.tabIndex })),
      )
      for (const { text, ...others } of said) {
        assert.match(text, /\d{4}.* \d{1,2}:\d\d/, `${path}: ${text}`)
        assert.deepEqual(others, { hint: '', stop: -1 })
      }
    }
  })
})
