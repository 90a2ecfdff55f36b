// The portal in a real browser, by keyboard alone: log in, home, apps, connect, a token made, used and revoked, sessions, and
// how the pages look. What axe finds on each page is in portal-pages.browser.test.ts.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { createClient } from '../support/http-client.ts'
import { isMissing, waitUntil } from '../support/programs.ts'
import { type Door, type GlassDoor, startOneNode } from './door.ts'
import { logInByKeys, press, type, walkTo } from './keyboard.ts'
import { findPageProblems } from './page-problems.ts'
import { untilDrawn } from './portal-page.ts'
import { accountOf, type Visitor, visit } from './visitor.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('the portal, by keyboard alone', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: GlassDoor
  before(async () => {
    door = await startOneNode({
      config: {
        portal: { notices: [{ id: 'tuesday', text: 'Read-only on Tuesday.' }], support: { text: 'Ask Ada.' } },
      },
    })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  const enter = async (name: string): Promise<Visitor> => {
    const visitor = await visit(browser, door)
    await visitor.goTo('/auth/login')
    const { page } = visitor
    await walkTo(page, 'Log in with Example login')
    await press(page, 'Enter')
    await page.waitForURL((url) => url.hostname === 'localhost')
    const { username, password } = accountOf(door, name)
    await page.getByLabel(/name/i).focus()
    await type(page, username)
    await press(page, 'Tab')
    await type(page, password)
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor()
    return visitor
  }

  test('home says who one is, what is announced and what one may open; the skip link comes first', async () => {
    const { page } = await enter('member')
    await page.getByText('Read-only on Tuesday.').waitFor()
    await walkTo(page, 'Skip to content')
    await press(page, 'Enter')
    await walkTo(page, 'Put this notice away')
    await press(page, 'Enter')
    await page.getByText('Read-only on Tuesday.').waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor()
    assert.equal(await page.getByText('Read-only on Tuesday.').count(), 0)
    await walkTo(page, 'Echo service')
    await press(page, 'Enter')
    await page.getByRole('heading', { name: 'Called by member' }).waitFor()
  })

  test('apps say why not, and an account that is missing is connected from there and given back', async () => {
    const { page } = await enter('member')
    await goBy(page, 'Apps')
    await page.getByText(/You may not open this:.*group staff/).waitFor()
    await walkTo(page, 'Connect Manager')
    await press(page, 'Enter')
    await page.getByRole('form', { name: 'Manager' }).waitFor()
    await logInByKeys(page, accountOf(door, 'member'))
    await page.waitForURL(/\/apps$/)
    await untilDrawn(page)
    await page.getByRole('heading', { level: 1, name: 'Apps' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Connect Manager' }).count(), 0)
    await goBy(page, 'Connected accounts')
    await walkTo(page, 'Disconnect Manager')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Connect Manager' }).waitFor()
    await page.getByText('Manager is no longer connected').waitFor()
  })

  test('a token is made, seen once, works, and is revoked', async () => {
    const { page } = await enter('staff')
    await goBy(page, 'Access tokens')
    await page.getByText('You have no token yet').waitFor()
    await walkTo(page, 'Make the token')
    await press(page, 'Enter')
    await page.getByText('Give it a name that you will recognise.').waitFor()
    await type(page, 'Nightly upload')
    await walkTo(page, 'Read what is yours here')
    await press(page, 'Space')
    await walkTo(page, 'Make the token')
    await press(page, 'Enter')
    await page.getByRole('heading', { name: 'The token Nightly upload is made' }).waitFor()
    const example = await page.locator('pre').nth(1).innerText()
    const secret = /Bearer (gh_\w+)"/.exec(example)?.[1] ?? ''
    assert.match(example, new RegExp(`^curl -H "Authorization: Bearer ${secret}" ${door.url}/api/v1/me$`))
    const call = async (): Promise<number> =>
      (await createClient(door.url).get('/api/v1/me', { authorization: `Bearer ${secret}` })).status
    assert.equal(await call(), 200)
    await walkTo(page, 'I have copied it')
    await press(page, 'Enter')
    assert.equal((await page.content()).includes(secret), false, 'the secret is nowhere any more')
    await walkTo(page, 'History of the token Nightly upload')
    await press(page, 'Enter')
    const history = page.getByRole('region', { name: 'History of Nightly upload' })
    await history.getByText(/^Made/).waitFor()
    assert.equal(await history.getByRole('listitem').count(), 2, 'made, and used once')
    await walkTo(page, 'Revoke the token Nightly upload')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Really revoke Nightly upload' }).waitFor()
    await press(page, 'Enter')
    await page.getByText('You have no token yet').waitFor()
    assert.equal(await call(), 401)
  })

  test('home says that a token ends soon, and leads to it; a problem leads to what it means', async () => {
    const visitor = await enter('admin')
    const { page, goTo } = visitor
    const headers = { cookie: await visitor.copyCookie(), origin: door.url, 'content-type': 'application/json' }
    const client = createClient(door.url)
    const make = async (name: string): Promise<string> => {
      const body = JSON.stringify({ name, scopes: ['self:read'] })
      const made = await client.send('/api/v1/tokens', { method: 'POST', headers, body })
      return (made.json() as { token: { id: string } }).token.id
    }
    const revoke = (id: string) => client.send(`/api/v1/tokens/${id}`, { method: 'DELETE', headers })
    const nightly = await make('Nightly upload')
    await age(door, nightly)
    await goTo('/')
    await page.getByText('Your access token Nightly upload ends in 3 days.').waitFor()
    assert.deepEqual(await findPageProblems(page, 'home with a token that ends soon'), [])
    await walkTo(page, 'Your tokens')
    await press(page, 'Enter')
    await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor()
    await page.getByText('ends soon').waitFor()
    assert.deepEqual(await findPageProblems(page, 'tokens that end soon'), [])

    // What went wrong leads to what it means, beside the page, also once there is no token any more.
    await revoke(nightly)
    const gone = await make('Gone meanwhile')
    await page.reload()
    await page.getByRole('button', { name: 'Revoke the token Gone meanwhile' }).waitFor()
    await revoke(gone)
    await walkTo(page, 'Revoke the token Gone meanwhile')
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Really revoke Gone meanwhile' }).waitFor()
    await press(page, 'Enter')
    await page.getByText('You have no token yet').waitFor()
    await page.getByRole('alert').getByText('No such token').waitFor()
    assert.deepEqual(await findPageProblems(page, 'a problem'), [])
    const opened = page.context().waitForEvent('page')
    await walkTo(page, 'What this means, in a new tab')
    await press(page, 'Enter')
    const explained = await opened
    await explained.locator(':target').getByRole('heading', { name: 'No such token' }).waitFor()
  })

  test('an old key of a service account that is still used is marked', async () => {
    const visitor = await enter('admin')
    const { page, goTo } = visitor
    const client = createClient(door.url)
    const headers = { cookie: await visitor.copyCookie(), origin: door.url, 'content-type': 'application/json' }
    const accounts = '/api/v1/admin/service-accounts'
    const put = { method: 'PUT', headers, body: JSON.stringify({ scopes: ['self:read'] }) }
    const { secret } = (await client.send(`${accounts}/nightly`, put)).json() as { secret: string }
    await goTo('/admin/service-accounts')
    await page.getByText('nightly', { exact: true }).waitFor()
    assert.equal(await page.getByText('ends soon').count(), 0)
    await client.send(`${accounts}/nightly/rotate`, { method: 'POST', headers, body: '{}' })
    assert.equal((await client.get('/api/v1/me', { authorization: `Bearer ${secret}` })).status, 200)
    // The use is written down while nobody waits for it.
    await waitUntil(async () => (await client.get(accounts, headers)).text.includes('lastUsedAt'))
    await page.reload()
    await page.getByText('ends soon').waitFor()
    assert.deepEqual(await findPageProblems(page, 'service accounts with an old key'), [])
  })

  test('sessions: the others are ended, one’s own stays', async () => {
    const other = await enter('admin')
    const cookie = await other.copyCookie()
    const { page } = await enter('admin')
    await goBy(page, 'Sessions')
    await page.getByRole('row').nth(2).waitFor()
    await walkTo(page, /^End (the other session|all \d others)$/)
    await press(page, 'Enter')
    await page.getByRole('row').nth(2).waitFor({ state: 'detached' })
    assert.equal((await createClient(door.url).get('/api/v1/me', { cookie })).status, 401)
    await page.getByText('this one').waitFor()
  })

  test('language and theme are kept with the person, and the server’s own pages follow', async () => {
    const { page } = await enter('member')
    await goBy(page, 'Display and language')
    await walkTo(page, 'English')
    await press(page, 'ArrowDown')
    await page.getByRole('heading', { level: 1, name: 'Darstellung und Sprache' }).waitFor()
    await walkTo(page, 'System')
    await press(page, 'ArrowDown')
    await press(page, 'ArrowDown')
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
    await page.getByText('Für alle Ihre Browser gespeichert').waitFor()

    const { page: elsewhere } = await enterInGerman(browser, door)
    assert.equal(await elsewhere.locator('html').getAttribute('lang'), 'de')
    assert.equal(await elsewhere.locator('html').getAttribute('data-theme'), 'dark')
    await elsewhere.getByRole('link', { name: 'Startseite' }).first().waitFor()
  })

  test('what does not exist says so, and leads home; help is on every page', async () => {
    const { page, goTo } = await enter('staff')
    await goTo('/settings/no-such-page')
    await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor()
    await walkTo(page, 'Help')
    await press(page, 'Enter')
    await page.getByText('Ask Ada.').waitFor()
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Help')
  })
})

/** As if it had been made 27 days ago, for 30. */
async function age({ nodes: [node] }: GlassDoor, id: string): Promise<void> {
  const sql = node?.apis.storage.sql<{ api_tokens: { id: string; created_at: number; expires_at: number } }>()
  const now = Date.now()
  const times = { created_at: now - 27 * DAY_MS, expires_at: now + 3 * DAY_MS + 60_000 }
  await sql?.updateTable('api_tokens').set(times).where('id', '=', id).execute()
}

const DAY_MS = 86_400_000

/** Follows a link of the navigation. */
async function goBy(page: Page, name: string): Promise<void> {
  await walkTo(page, name)
  await press(page, 'Enter')
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** The same person in another browser, whose own language is English. */
async function enterInGerman(browser: TestBrowser, door: Door): Promise<Visitor> {
  const visitor = await visit(browser, door)
  await visitor.goTo('/')
  await visitor.logInElsewhere(accountOf(door, 'member'))
  await visitor.page.getByRole('heading', { level: 1, name: /^Guten Tag/ }).waitFor()
  return visitor
}
