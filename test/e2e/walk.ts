// The walk that every installation must stand, in a real browser: log in both ways, see requests arrive signed and
// verified, be refused, open a WebSocket, list sessions, revoke one, log out.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Locator, openBrowser, type TestBrowser } from '../support/browser.ts'
import { createClient } from '../support/http-client.ts'
import { isMissing, waitUntil } from '../support/programs.ts'
import type { Door } from './door.ts'
import { accountOf, visit } from './visitor.ts'

export async function describeWalk(name: string, open: () => Promise<Door>): Promise<void> {
  const found = await openBrowser()
  const skip = isMissing(found) ? found.missing : false

  describe(name, { skip, timeout: 180_000 }, () => {
    const browser = found as TestBrowser
    let door: Door
    before(async () => {
      door = await open()
    })
    after(async () => {
      await browser.close()
      await door[Symbol.asyncDispose]()
    })

    test('a stranger who wants a page is asked to log in, and lands there after the login', async () => {
      const visitor = await visit(browser, door)
      await visitor.goTo('/api/echo/reports?year=2026')
      assert.equal(await visitor.heading(), 'Log in')
      await visitor.logInElsewhere(accountOf(door, 'member'))
      assert.equal(visitor.page.url(), `${door.url}/api/echo/reports?year=2026`)
      assert.equal(await visitor.heading(), 'Called by member')
      await visitor.page.getByText('GET /reports?year=2026').waitFor()
    })

    test('a login at the Manager signs each request with the keypair that it brought', async () => {
      const visitor = await visit(browser, door)
      await visitor.goTo('/auth/login?returnTo=/api/manager/folders%3Flimit=10')
      await visitor.logInHere(accountOf(door, 'staff'))
      assert.equal(visitor.page.url(), `${door.url}/api/manager/folders?limit=10`)
      assert.equal(await visitor.heading(), 'Signed as staff')
      await visitor.page.getByText('HMAC-SHA256 in Authorization').waitFor()
      assert.match(await visitor.page.locator('pre').first().innerText(), /^GET\n\/folders\?limit=10\n/)
    })

    test('a login that brought no keypair is told what to connect', async () => {
      const visitor = await visit(browser, door)
      await visitor.goTo('/')
      await visitor.logInElsewhere(accountOf(door, 'staff'))
      await visitor.goTo('/api/manager/')
      await visitor.page.getByText('credential.missing').waitFor()
      await visitor.page.getByRole('link', { name: 'Connected accounts' }).click()
      await visitor.page.getByRole('button', { name: 'Connect Manager' }).click()
      await visitor.page.getByLabel('Name').fill('staff')
      await visitor.page.getByLabel('Password').fill(accountOf(door, 'staff').password)
      await visitor.page.getByRole('button', { name: 'Connect' }).click()
      await visitor.page.getByLabel('Password').waitFor({ state: 'detached' })
      await reloadUntil(visitor.page.getByText('connected', { exact: true }))
      await visitor.goTo('/api/manager/')
      assert.equal(await visitor.heading(), 'Signed as staff')
    })

    test('who may not is told why, and who may is let in', async () => {
      const member = await visit(browser, door)
      await member.goTo('/')
      await member.logInElsewhere(accountOf(door, 'member'))
      assert.equal(await member.heading(), 'Hello, Mira Member')
      await member.goTo('/apps')
      await member.page.getByText('You may not open this:').waitFor()
      await member.goTo('/api/staff/')
      const text = await member.page.getByRole('main').innerText()
      assert.match(text, /403/)
      assert.match(text, /staff/)
      const staff = await visit(browser, door)
      await staff.goTo('/api/staff/')
      await staff.logInElsewhere(accountOf(door, 'staff'))
      assert.equal(await staff.heading(), 'Called by staff')
    })

    test('a session that is revoked elsewhere is over at once, its open socket included', async () => {
      const account = accountOf(door, 'member')
      const first = await visit(browser, door)
      await first.goTo('/tryout/')
      await first.goTo('/')
      await first.logInElsewhere(account)
      await first.goTo('/tryout/')
      await first.page.getByRole('button', { name: 'Open' }).click()
      await first.page.getByText('Open.', { exact: true }).waitFor()
      await first.page.getByText('preferred_username').waitFor()
      await first.page.getByRole('button', { name: 'Send' }).click()
      await first.page.getByText('← Hello').waitFor()
      const copied = await first.copyCookie()

      const second = await visit(browser, door)
      await second.goTo('/account')
      await second.logInElsewhere(account)
      const others = second.page.getByRole('button', { name: /^Revoke the session/ })
      for (let left = await others.count(); left > 0; left--) {
        await others.first().click()
        await second.page.waitForLoadState()
      }
      assert.equal(await others.count(), 0)

      await first.page.getByText(/Closed with code 4401/).waitFor({ timeout: 5_000 })
      assert.equal((await createClient(door.url).get('/api/v1/sessions', { cookie: copied })).status, 401)
      await first.goTo('/account')
      assert.equal(await first.heading(), 'Log in')
      await second.goTo('/account')
      assert.equal(await second.heading(), 'Your account')
    })

    test('events arrive one by one, not all at the end', async () => {
      const visitor = await visit(browser, door)
      await visitor.goTo('/')
      await visitor.logInElsewhere(accountOf(door, 'admin'))
      await visitor.goTo('/tryout/')
      await visitor.page.getByRole('button', { name: 'Listen' }).click()
      await visitor.page.getByText('"n":2').waitFor()
    })

    test('after the logout the old cookie is worth nothing, here and at the provider', async () => {
      const visitor = await visit(browser, door)
      await visitor.goTo('/')
      await visitor.logInElsewhere(accountOf(door, 'admin'))
      const copied = await visitor.copyCookie()
      const stranger = createClient(door.url)
      assert.equal((await stranger.get('/api/v1/sessions', { cookie: copied })).status, 200)
      await visitor.logOut()
      await visitor.finishLogout()
      assert.equal((await stranger.get('/api/v1/sessions', { cookie: copied })).status, 401)
      await visitor.goTo('/')
      await visitor.page.getByRole('button', { name: 'Log in with Example login' }).click()
      await visitor.page.waitForURL((url) => url.hostname === 'localhost')
      await visitor.page.getByLabel(/password/i).waitFor()
    })

    test('without script: by name and password, an account connected by each way, and out again', async () => {
      const visitor = await visit(browser, door, { withoutScript: true })
      const { page } = visitor
      const account = accountOf(door, 'member')
      await visitor.goTo('/')
      assert.equal(await page.getByRole('button', { name: 'Show what you type' }).count(), 0, 'it would do nothing')
      await visitor.logInHere(account)
      assert.equal(await visitor.heading(), 'Services')
      const copied = await visitor.copyCookie()
      await page.getByRole('link', { name: 'Your account' }).click()
      assert.equal(await visitor.heading(), 'Your account')
      await page.getByRole('link', { name: 'Connect or disconnect accounts' }).click()
      await page.getByRole('button', { name: 'Connect Example login' }).click()
      await visitor.logInThere(account)
      await reloadUntil(page.getByRole('button', { name: 'Disconnect Example login' }))
      await page.getByRole('button', { name: 'Disconnect Example login' }).click()
      await reloadUntil(page.getByRole('button', { name: 'Connect Example login' }))
      await page.getByRole('button', { name: 'Log out' }).click()
      await visitor.finishLogout()
      assert.equal((await createClient(door.url).get('/api/v1/sessions', { cookie: copied })).status, 401)
      await visitor.goTo('/account')
      assert.equal(await visitor.heading(), 'Log in')
    })

    test('without script: by another site, where the logout ends too, and the Manager connected', async () => {
      const visitor = await visit(browser, door, { withoutScript: true })
      const { page } = visitor
      const account = accountOf(door, 'staff')
      await visitor.goTo('/api/manager/')
      await visitor.logInElsewhere(account)
      await page.getByRole('link', { name: 'Connected accounts' }).click()
      await page.getByRole('button', { name: 'Connect Manager' }).click()
      await page.getByLabel('Name').fill(account.username)
      await page.getByLabel('Password').fill(account.password)
      await page.getByRole('button', { name: 'Connect' }).click()
      await reloadUntil(page.getByRole('button', { name: 'Disconnect Manager' }))
      await visitor.goTo('/api/manager/')
      assert.equal(await visitor.heading(), 'Signed as staff')
      const copied = await visitor.copyCookie()
      await visitor.goTo('/')
      await page.getByRole('button', { name: 'Log out' }).click()
      await visitor.finishLogout()
      assert.equal((await createClient(door.url).get('/api/v1/sessions', { cookie: copied })).status, 401)
      await visitor.goTo('/')
      assert.equal(await visitor.heading(), 'Log in')
    })
  })
}

/** Another node may answer than the one that knows, which hears of it within a second. */
const reloadUntil = (shown: Locator): Promise<void> =>
  waitUntil(async () => {
    if (await shown.isVisible()) return true
    await shown.page().reload()
    return false
  })
