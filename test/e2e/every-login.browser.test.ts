// One login page for whatever a facility has: each way in, by keyboard alone, in a real browser. The ways of the
// demonstration (an OpenID provider, a Manager) are in the other walks; two tabs at once are here.

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { ada } from '../support/facility/index.ts'
import { isMissing } from '../support/programs.ts'
import { type EveryLogin, FRONT_SECRET, startEveryLogin } from './every-login.ts'
import { press, type, walkTo } from './keyboard.ts'

const found = await openBrowser()
const started = isMissing(found) ? found : await startEveryLogin()
const skip = isMissing(started) ? started.missing : false

describe('every way to log in, by keyboard alone', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  const { url, codeHostingUrl, local, close } = started as EveryLogin
  after(async () => {
    await browser.close()
    await close()
  })

  const open = async (path = '/auth/login?returnTo=%2Fapps'): Promise<Page> => {
    const page = await browser.newPage()
    await page.goto(url + path)
    return page
  }

  /** The providers' forms have fields of the same names: on, until the one of this form. */
  const walkToField = async (page: Page, form: string, field: string): Promise<void> => {
    for (let tries = 0; tries < 10; tries += 1) {
      await walkTo(page, field)
      const around: string = await page.evaluate(
        "document.activeElement.closest('form')?.querySelector('h2')?.innerText ?? ''",
      )
      if (around === form) return
    }
    assert.fail(`Tab never comes to "${field}" of "${form}"`)
  }

  const whoIsThere = async (page: Page): Promise<string> => {
    await page.waitForURL(`${url}/apps`)
    return page.evaluate("fetch('/api/v1/me').then((answer) => answer.json()).then(({ provider }) => provider)")
  }

  for (const { id, label, account } of [
    { id: 'local', label: 'Guests', account: local },
    { id: 'office', label: 'User office', account: ada },
    { id: 'lab', label: 'Lab account', account: ada },
  ]) {
    test(`${id}: by name and password`, async () => {
      const page = await open()
      await walkToField(page, label, 'Name')
      await type(page, account.username)
      await walkToField(page, label, 'Password')
      await type(page, account.password)
      await press(page, 'Enter')
      assert.equal(await whoIsThere(page), id)
    })
  }

  test('what is typed as a password is shown and hidden again by a button that says so', async () => {
    const page = await open()
    await walkToField(page, 'Guests', 'Password')
    await type(page, 'half a pass')
    const field = page.getByRole('form', { name: 'Guests' }).getByLabel('Password', { exact: true })
    const button = page.getByRole('form', { name: 'Guests' }).getByRole('button', { name: 'Show what you type' })
    const state = async () => [await field.getAttribute('type'), await button.getAttribute('aria-pressed')]
    assert.deepEqual(await state(), ['password', 'false'])
    await press(page, 'Tab')
    assert.equal(await button.evaluate((element) => element.matches(':focus')), true)
    await press(page, 'Enter')
    assert.deepEqual(await state(), ['text', 'true'])
    await type(page, 'word')
    assert.equal(await field.inputValue(), 'half a password', 'one goes on typing where one was')
    await press(page, 'Tab')
    await press(page, 'Space')
    assert.deepEqual(await state(), ['password', 'false'])
    assert.equal(await field.inputValue(), 'half a password')
  })

  test('university: at another site, whose form brings the answer', async () => {
    const page = await open()
    await walkTo(page, 'Log in with University')
    await press(page, 'Enter')
    assert.equal(await whoIsThere(page), 'university')
  })

  /** The login form of the code hosting, where that tab is. */
  const proveAtCodeHosting = async (page: Page): Promise<void> => {
    await page.waitForURL((at) => at.origin === codeHostingUrl)
    await walkTo(page, 'Name')
    await type(page, ada.username)
    await walkTo(page, 'Password')
    await type(page, ada.password)
    await press(page, 'Enter')
  }

  test('code: at a provider of OAuth 2.0, whose API says who it was', async () => {
    const page = await open()
    await walkTo(page, 'Log in with Code hosting')
    await press(page, 'Enter')
    await proveAtCodeHosting(page)
    assert.equal(await whoIsThere(page), 'code')
  })

  test('federation: by the server in front, whose secret no browser has', async () => {
    const page = await open()
    await walkTo(page, 'Log in with Federation')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'Federation' }).waitFor()
    assert.equal(await page.evaluate("fetch('/api/v1/me').then(({ status }) => status)"), 401)
    await walkTo(page, 'Federation name')
    await type(page, ada.username)
    await walkTo(page, 'Federation password')
    await type(page, ada.password)
    await press(page, 'Enter')
    assert.equal(await whoIsThere(page), 'front')
  })

  test('federation: a browser that says the headers itself, secret and all, is nobody', async () => {
    const page = await browser.newPage()
    await page.setExtraHTTPHeaders({ 'X-Gatehouse-Front': FRONT_SECRET, 'X-Federation-Id': 'ada' })
    await page.goto(`${url}/auth/login`)
    await walkTo(page, 'Log in with Federation')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'Federation' }).waitFor()
    assert.equal(await page.evaluate("fetch('/api/v1/me').then(({ status }) => status)"), 401)
  })

  test('two tabs at once both come to where they wanted', async () => {
    const first = await open('/auth/login?returnTo=%2Fapps')
    const second = await first.context().newPage()
    await second.goto(`${url}/auth/login?returnTo=%2Fhelp`)
    for (const page of [first, second]) {
      await walkToField(page, 'Guests', 'Name')
      await type(page, local.username)
      await walkToField(page, 'Guests', 'Password')
      await type(page, local.password)
    }
    await press(first, 'Enter')
    await first.waitForURL(`${url}/apps`)
    await press(second, 'Enter')
    await second.waitForURL(`${url}/help`)
  })

  test('two tabs at once at a provider that redirects: whichever is done first, both come to where they wanted', async () => {
    const first = await open('/auth/login?returnTo=%2Fapps')
    const second = await first.context().newPage()
    await second.goto(`${url}/auth/login?returnTo=%2Fhelp`)
    for (const page of [first, second]) {
      await walkTo(page, 'Log in with Code hosting')
      await press(page, 'Enter')
      await page.waitForURL((at) => at.origin === codeHostingUrl)
    }
    await proveAtCodeHosting(second)
    await second.waitForURL(`${url}/help`)
    await proveAtCodeHosting(first)
    assert.equal(await whoIsThere(first), 'code')
    await second.reload()
    await second.getByRole('heading', { level: 1, name: 'Help' }).waitFor()
  })
})
