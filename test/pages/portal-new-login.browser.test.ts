// The session ends, or is too old for something, while a person works in the portal: they log in again in another tab, by
// keyboard alone, and the page that they had goes on with what it held. If it is somebody else, it sends nothing.

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { logInByKeys, press, type, walkTo } from '../e2e/keyboard.ts'
import { findPageProblems } from '../e2e/page-problems.ts'
import { type Lab, type Persona, startLab } from '../gateway/lab.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { isMissing } from '../support/programs.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

const OVER = 'Your session has ended'
const NEW_TAB = 'Log in in a new tab'
const HOUR_MS = 3_600_000
/** What the portal asks to find out whose session it is. */
const WHO = '**/api/v1/sessions/current'

describe('a login while the portal is open', { skip, timeout: 240_000 }, () => {
  const browser = found as TestBrowser
  const clock = createManualClock(Date.now())
  let lab: Lab
  before(async () => {
    lab = await startLab({ clock, config: { sessions: { idle: '8h', absolute: '12h' } } })
  })
  after(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })
  let page: Page
  beforeEach(async () => {
    page = await browser.newPage()
    await page.goto(`${lab.url}/auth/login?returnTo=%2Fsettings%2Ftokens`)
    await logIn(page, 'ada')
    await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor()
  })

  const logIn = async (tab: Page, who: Persona): Promise<void> => logInByKeys(tab, await lab.account(who))

  /** By the link of the dialog, which has the focus. */
  const logInInNewTab = async (who: Persona): Promise<Page> => {
    const opened = page.context().waitForEvent('page')
    assert.equal(await focused(page), NEW_TAB)
    await press(page, 'Enter')
    const tab = await opened
    await tab.getByRole('heading', { level: 1, name: 'Log in' }).waitFor()
    await logIn(tab, who)
    await tab.getByRole('heading', { level: 1, name: 'You are logged in' }).waitFor()
    return tab
  }

  const fillTokenForm = async (name: string): Promise<void> => {
    await walkTo(page, 'Name')
    await type(page, name)
    await walkTo(page, 'Read what is yours here')
    await press(page, 'Space')
    await walkTo(page, 'Make the token')
  }

  /** By somebody with the same cookie, as an administrator or another device could. */
  const endSession = async (): Promise<void> => {
    const answer = await page.request.get(`${lab.url}/api/v1/sessions/current`)
    const { session } = (await answer.json()) as { session: { ref: string } }
    const headers = { 'sec-fetch-site': 'same-origin' }
    assert.equal((await page.request.delete(`${lab.url}/api/v1/sessions/${session.ref}`, { headers })).status(), 204)
  }

  /** Where no page of the portal hears of it. */
  const logInUnsaid = async (who: Persona): Promise<void> => {
    const headers = { 'sec-fetch-site': 'same-origin' }
    const form = { ...(await lab.account(who)) }
    const answer = await page.request.post(`${lab.url}/auth/login/local`, { form, headers, maxRedirects: 0 })
    assert.equal(answer.status(), 303)
  }

  const comeBack = (): Promise<void> => page.evaluate("window.dispatchEvent(new Event('focus'))")

  const tokensOf = async (who: Persona): Promise<readonly string[]> => {
    const person = await lab.logIn(who)
    const { tokens } = (await person.get('/api/v1/tokens')).json() as { tokens: readonly { readonly name: string }[] }
    return tokens.map(({ name }) => name)
  }

  test('a form that was filled in survives, and is sent once after the login', async () => {
    await fillTokenForm('after the end')
    await endSession()
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
    assert.deepEqual(await findPageProblems(page, 'a session that is over'), [])
    const tab = await logInInNewTab('ada')
    assert.deepEqual(await findPageProblems(tab, '/portal/logged-in'), [])
    await tab.close()
    await page.getByRole('heading', { name: 'The token after the end is made' }).waitFor()
    assert.equal(await page.getByRole('alertdialog').count(), 0)
    assert.deepEqual(
      (await tokensOf('ada')).filter((name) => name === 'after the end'),
      ['after the end'],
    )
  })

  test('what was only half typed is still there', async () => {
    await walkTo(page, 'Name')
    await type(page, 'half a na')
    await endSession()
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
    await (await logInInNewTab('ada')).close()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    assert.equal(await page.getByLabel('Name').inputValue(), 'half a na')
    assert.equal(await page.evaluate('document.activeElement.id'), 'token-name', 'the focus is where it was')
    await type(page, 'me')
    assert.equal(await page.getByLabel('Name').inputValue(), 'half a name')
  })

  test('a page that could not be loaded is, for both tabs that were open', async () => {
    const second = await page.context().newPage()
    await second.goto(`${lab.url}/help`)
    await second.getByRole('heading', { level: 1, name: 'Help' }).waitFor()
    await endSession()
    await walkTo(second, 'Sessions')
    await press(second, 'Enter')
    await second.getByRole('alertdialog', { name: OVER }).waitFor()
    await walkTo(page, 'Sessions')
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
    await logInInNewTab('ada')
    for (const each of [page, second]) {
      await each.getByText('this one').waitFor()
      await each.getByRole('alertdialog').waitFor({ state: 'detached' })
    }
  })

  test('the dialog can be put away, and the page says what was refused', async () => {
    await fillTokenForm('never')
    await endSession()
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
    await press(page, 'Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await page.getByRole('alert').getByText('Log in first').waitFor()
    assert.equal(await page.getByLabel('Name').inputValue(), 'never')
    await walkTo(page, 'Make the token')
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
  })

  test('somebody else logs in: nothing is sent in their name, and the page is loaded anew for them', async () => {
    await fillTokenForm('in the wrong name')
    await endSession()
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
    const tab = await logInInNewTab('mallory')
    await tab.close()
    await page.getByRole('alertdialog', { name: /mallory is logged in now/i }).waitFor()
    assert.deepEqual(await findPageProblems(page, 'somebody else who is logged in'), [])
    assert.equal(await focused(page), 'Load the page again')
    await press(page, 'Escape')
    await press(page, 'Enter')
    await page.getByText('You have no token yet').waitFor()
    assert.equal(await page.getByLabel('Name').inputValue(), '')
    assert.equal((await tokensOf('mallory')).length, 0)
    assert.equal((await tokensOf('ada')).includes('in the wrong name'), false)
  })

  test('the right person after the wrong one goes on with what they had', async () => {
    await fillTokenForm('second try')
    await endSession()
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: OVER }).waitFor()
    await (await logInInNewTab('mallory')).close()
    await page.getByRole('alertdialog', { name: /mallory is logged in now/i }).waitFor()
    await walkTo(page, NEW_TAB)
    await (await logInInNewTab('ada')).close()
    await page.getByRole('heading', { name: 'The token second try is made' }).waitFor()
  })

  test('on coming back nothing is sent before it is known who is logged in', async () => {
    await fillTokenForm('too soon')
    await logInUnsaid('mallory')
    const { promise: known, resolve: tell } = Promise.withResolvers<void>()
    await page.route(WHO, async (route) => {
      await known
      await route.continue()
    })
    const asked = page.waitForRequest(WHO)
    await comeBack()
    await asked
    await press(page, 'Enter')
    tell()
    await page.getByRole('alertdialog', { name: /mallory is logged in now/i }).waitFor()
    assert.deepEqual(await tokensOf('mallory'), [])
  })

  test('what is sent before the page has heard of somebody else is refused, and done for the right person', async () => {
    await fillTokenForm('unheard of')
    await logInUnsaid('mallory')
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: /mallory is logged in now/i }).waitFor()
    assert.deepEqual(await tokensOf('mallory'), [])
    await walkTo(page, NEW_TAB)
    await (await logInInNewTab('ada')).close()
    await page.getByRole('heading', { name: 'The token unheard of is made' }).waitFor()
  })

  test('an answer of before a login says nothing of who is there after it', async () => {
    const { promise: late, resolve: arrive } = Promise.withResolvers<void>()
    const { promise: given, resolve: give } = Promise.withResolvers<void>()
    await page.route(
      WHO,
      async (route) => {
        const response = await route.fetch()
        give()
        await late
        await route.fulfill({ response })
      },
      { times: 1 },
    )
    await comeBack()
    await given
    await logInUnsaid('mallory')
    await comeBack()
    await page.getByRole('alertdialog', { name: /mallory is logged in now/i }).waitFor()
    const answered = page.waitForResponse(WHO)
    arrive()
    await (await answered).finished()
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))')
    assert.equal(await page.getByRole('alertdialog', { name: /mallory is logged in now/i }).count(), 1)
  })

  test('what needs a login of just now asks for it, and is done after it', async () => {
    await fillTokenForm('long after')
    clock.advance(2 * HOUR_MS)
    await press(page, 'Enter')
    await page.getByRole('alertdialog', { name: 'Log in again first' }).waitFor()
    assert.deepEqual(await findPageProblems(page, 'a login of just now that is needed'), [])
    // Coming back without a login changes nothing.
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await (await logInInNewTab('ada')).close()
    await page.getByRole('heading', { name: 'The token long after is made' }).waitFor()
    assert.equal(await page.getByRole('alertdialog').count(), 0)
  })
})

const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement?.innerText ?? ''")
