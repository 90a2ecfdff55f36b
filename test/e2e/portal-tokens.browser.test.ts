// Tokens that are good no more, by keyboard alone: their owner sees how each ended; an administrator finds everybody's, sees
// who did what, and ends one.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type Persona, startLab } from '../gateway/lab.ts'
import { type MadeToken, makeToken, program } from '../gateway/token-lab.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { logInByKeys, press, walkTo } from './keyboard.ts'
import { findPageProblems } from './page-problems.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('tokens that are good no more', { skip, timeout: 120_000 }, () => {
  const browser = found as TestBrowser
  let lab: Lab
  let revoked: MadeToken
  let good: MadeToken
  before(async () => {
    lab = await startLab()
    const ada = await lab.logIn('ada')
    revoked = await makeToken(ada, lab.url, { name: 'Old upload' })
    good = await makeToken(ada, lab.url, { name: 'Nightly upload' })
    assert.equal((await program(lab.url, revoked.secret).get('/api/v1/me')).status, 200)
    const answer = await ada.send(`/api/v1/tokens/${revoked.id}`, { method: 'DELETE', headers: { origin: lab.url } })
    assert.equal(answer.status, 204)
  })
  after(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })

  const enter = async (who: Persona, path: string): Promise<Page> => {
    const page = await browser.newPage()
    await page.goto(`${lab.url}/auth/login?returnTo=${encodeURIComponent(path)}`)
    await logInByKeys(page, await lab.account(who))
    await page.waitForURL(`${lab.url}${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }

  const history = (page: Page) => page.getByRole('region', { name: 'History of Old upload' })
  const row = (page: Page, table: string, name: string) =>
    page.getByRole('table', { name: table }).getByRole('row').filter({ hasText: name })
  const isGood = async (): Promise<boolean> => (await program(lab.url, good.secret).get('/api/v1/me')).status === 200

  test('their owner sees how and when each ended, and what happened to it', async () => {
    const page = await enter('ada', '/settings/tokens')
    await row(page, 'Ended tokens', 'Old upload').getByText('Revoked').waitFor()
    assert.equal(await row(page, 'Ended tokens', 'Nightly upload').count(), 0)
    assert.equal(await row(page, 'Your tokens', 'Old upload').count(), 0)
    await walkTo(page, 'History of the token Old upload')
    await press(page, 'Enter')
    await history(page)
      .getByText(/^Revoked/)
      .waitFor()
    await history(page).getByText(/^Made/).waitFor()
    assert.deepEqual(await findPageProblems(page, '/settings/tokens with what ended'), [])
  })

  test('an administrator comes from the person to their tokens, sees who did what, and ends one', async () => {
    const page = await enter('grace', '/admin/users')
    await row(page, 'People', 'ada').waitFor()
    await walkTo(page, 'Tokens: ada')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'People’s access tokens' }).waitFor()
    await row(page, 'Ended tokens', 'Old upload').getByText('Read what is the account’s own here').waitFor()
    await walkTo(page, 'History of the token Old upload')
    await press(page, 'Enter')
    await history(page)
      .getByText(/^Revoked · 127\.0\.0\.1 · ada/)
      .waitFor()
    assert.deepEqual(await findPageProblems(page, '/admin/tokens of a person'), [])

    assert.equal(await isGood(), true)
    await walkTo(page, 'Revoke the token Nightly upload')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Really revoke Nightly upload' }).waitFor()
    await press(page, 'Enter')
    await row(page, 'Ended tokens', 'Nightly upload').waitFor()
    await page.getByText('This person has no token now').waitFor()
    assert.equal(await isGood(), false)
  })

  test('what the key of a service account may do is said of the account, not of whoever reads it', async () => {
    const page = await enter('grace', '/admin/service-accounts')
    const choices = page.getByRole('group', { name: 'What it may do' })
    await choices.getByText('Call all services that the account may use, now and later.').waitFor()
    await choices.getByRole('checkbox', { name: 'Change what is the account’s own here' }).waitFor()
    assert.doesNotMatch(await choices.innerText(), /\byou/i)
  })
})
