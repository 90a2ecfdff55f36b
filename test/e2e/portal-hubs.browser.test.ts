// The page of hubs in a real browser, by keyboard alone, with two stand-ins for GitLab: log in at one, see it, connect the
// other, call its API, lose the connection, connect again, give it back. Under a base path, beside the hubs' own addresses.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type HubName, type HubsLab, startHubsLab } from '../hubs/hubs-lab.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { press, type, walkTo } from './keyboard.ts'
import { findPageProblems, looked } from './page-problems.ts'
import { chooseLanguage } from './portal-page.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('hubs, by keyboard alone', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let lab: HubsLab
  before(async () => {
    lab = await startHubsLab()
  })
  after(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })

  /** On the hub's own page, where the browser is. */
  const proveAt = async (page: Page, hub: HubName, who: string): Promise<void> => {
    await page.waitForURL((url) => url.origin === lab.hubs[hub].url)
    const user = lab.hubs[hub].users.find(({ username }) => username === who)
    assert.ok(user)
    await page.getByLabel(/name/i).focus()
    await type(page, user.username)
    await press(page, 'Tab')
    await type(page, user.password.reveal())
    await press(page, 'Enter')
    await page.waitForURL((url) => url.href.startsWith(lab.url))
  }

  const enter = async (who: string): Promise<Page> => {
    const page = await browser.newPage()
    await page.goto(`${lab.url}/auth/login`)
    await walkTo(page, 'Log in with DataHUB freiburg')
    await press(page, 'Enter')
    await proveAt(page, 'freiburg', who)
    await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor()
    await walkTo(page, 'Hubs')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'Hubs' }).waitFor()
    return page
  }

  const card = (page: Page, hub: HubName) => page.getByRole('article', { name: `DataHUB ${hub}` })
  const callApi = (page: Page, hub: HubName): Promise<number> =>
    page.evaluate(`fetch('/arcmanager/hubs/${hub}/api/v4/user').then((answer) => answer.status)`)

  test('log in at one, connect the other, call it, give it back', async () => {
    const page = await enter('ada')
    assert.equal(new URL(page.url()).pathname, '/arcmanager/hubs')
    await card(page, 'freiburg').getByText('(ada)').waitFor()
    await card(page, 'freiburg').getByText('Logged in', { exact: true }).waitFor()
    assert.equal(await callApi(page, 'tuebingen'), 403)

    await walkTo(page, 'Connect DataHUB tuebingen')
    await press(page, 'Enter')
    await proveAt(page, 'tuebingen', 'ada')
    await page.waitForURL(`${lab.url}/hubs`)
    await card(page, 'tuebingen').getByText('(ada)').waitFor()
    assert.deepEqual([await callApi(page, 'freiburg'), await callApi(page, 'tuebingen')], [200, 200])
    assert.equal(
      await card(page, 'tuebingen').locator('pre').first().innerText(),
      `${lab.url}/hubs/tuebingen/api/v4/`,
      'what is there to copy is the whole address',
    )
    await walkTo(page, 'Call it from a program')
    await press(page, 'Enter')
    const line = (await card(page, 'freiburg').locator('pre').nth(1).innerText()).replace('await ', '')
    assert.equal(await page.evaluate(`${line}.then((answer) => answer.status)`), 200, 'the line for a page works there')

    await walkTo(page, 'Disconnect DataHUB tuebingen')
    await press(page, 'Enter')
    await page.getByText('DataHUB tuebingen is no longer connected').waitFor()
    await page.getByRole('button', { name: 'Connect DataHUB tuebingen' }).waitFor()
    assert.equal(await callApi(page, 'tuebingen'), 403)
  })

  test('a hub that has taken a connection back: the page says so, and connects it again', async () => {
    const page = await enter('ada')
    await walkTo(page, 'Connect DataHUB tuebingen')
    await press(page, 'Enter')
    await proveAt(page, 'tuebingen', 'ada')
    await card(page, 'tuebingen').getByText('(ada)').waitFor()
    lab.hubs.tuebingen.oauth.expireAccessTokens()
    await page.reload()
    await card(page, 'tuebingen').getByText('Connection lost').waitFor()
    assert.deepEqual(await findPageProblems(page, 'a connection that is lost'), [])
    // Who is still logged in there is not asked again.
    await walkTo(page, 'Connect DataHUB tuebingen')
    await press(page, 'Enter')
    await page.waitForURL(`${lab.url}/hubs`)
    await card(page, 'tuebingen').getByText('(ada)').waitFor()
    assert.equal(await callApi(page, 'tuebingen'), 200)
  })

  test('a hub that does not answer keeps its connection', async () => {
    const page = await enter('grace')
    lab.hubs.freiburg.instead = () => ({ status: 502, body: { message: 'Bad gateway' } })
    await page.reload()
    await card(page, 'freiburg').getByText('No answer').waitFor()
    assert.deepEqual(await findPageProblems(page, 'a hub that does not answer'), [])
    lab.hubs.freiburg.instead = () => undefined
    await page.reload()
    await card(page, 'freiburg').getByText('(grace)').waitFor()
  })

  test('a login that another site’s page begins is asked for once more', async () => {
    const page = await enter('ada')
    await page.goto(`${lab.hubs.tuebingen.url}/`)
    await page.evaluate(`location.href = '${lab.url}/api/v1/auth/login?datahub=tuebingen'`)
    await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor()
    assert.deepEqual(await findPageProblems(page, 'a login that is asked for once more'), [])
    await walkTo(page, 'Log in with DataHUB tuebingen')
    await press(page, 'Enter')
    await page.waitForURL((url) => url.origin === lab.hubs.tuebingen.url)
  })

  for (const language of looked) {
    test(`in ${language}: light and dark, 320 and 1440 pixels wide`, async () => {
      const page = await enter('ada')
      await chooseLanguage(page, lab.url, language)
      await page.goto(`${lab.url}/hubs`)
      await card(page, 'freiburg').getByText('(ada)').waitFor()
      assert.equal(await page.locator('html').getAttribute('lang'), language)
      assert.deepEqual(await findPageProblems(page, '/hubs'), [])
    })
  }
})
