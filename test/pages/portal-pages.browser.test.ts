// Every page of the portal in English and German, light and dark, narrow and wide: nothing for axe to find, nothing to scroll
// sideways for, no word missing. And the dialogs about the session's end.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Door, startOneNode } from '../e2e/door.ts'
import { findPageProblems, looked } from '../e2e/page-problems.ts'
import { findProblemsIn } from '../e2e/portal-page.ts'
import { type Visitor, visitAs } from '../e2e/visitor.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { createClient } from '../support/http-client.ts'
import { isMissing } from '../support/programs.ts'

const PAGES = [
  '/',
  '/apps',
  '/settings/profile',
  '/settings/appearance',
  '/settings/accounts',
  '/settings/sessions',
  '/settings/tokens',
  '/help',
  '/settings/no-such-page',
]

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('the portal’s pages', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: Door
  before(async () => {
    door = await startOneNode({
      config: {
        // The warning before the end comes two seconds after the last use.
        sessions: { idle: '302s' },
        upstreams: [
          // Words of such a length are usual in German.
          { id: 'long', title: 'Röntgenkleinwinkelstreuungsdatenauswertung', path: '/long/', to: 'http://127.0.0.1:1' },
        ].map((service) => ({ ...service, allow: ['authenticated'] })),
        portal: { notices: [{ id: 'now', level: 'warning', text: 'Storage is read-only.' }] },
      },
    })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  const enter = (name: string): Promise<Visitor> => visitAs(browser, door, name)

  for (const language of looked) {
    test(`in ${language}: light and dark, 320 and 1440 pixels wide`, async () => {
      assert.deepEqual(await findProblemsIn(language, await enter('staff'), door.url, PAGES), [])
    })
  }

  test('before the session ends a dialog asks, and one key extends it', async () => {
    const { page } = await enter('member')
    const dialog = page.getByRole('alertdialog', { name: 'Your session is about to end' })
    await dialog.waitFor()
    assert.deepEqual(await findPageProblems(page, 'a session that is about to end'), [])
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Stay signed in')
    const extended = page.waitForResponse((answer) => answer.url().endsWith('/sessions/current/extend'))
    await page.keyboard.press('Enter')
    assert.equal((await extended).status(), 200)
    await dialog.waitFor({ state: 'detached' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('a session that somebody ended: the page stays, and says so', async () => {
    const visitor = await enter('member')
    const { page } = visitor
    const cookie = await visitor.copyCookie()
    const client = createClient(door.url)
    const current = (await client.get('/api/v1/sessions/current', { cookie })).json() as { session: { ref: string } }
    const headers = { cookie, origin: door.url }
    const ended = await client.send(`/api/v1/sessions/${current.session.ref}`, { method: 'DELETE', headers })
    assert.equal(ended.status, 204)
    // It looks before it warns.
    const dialog = page.getByRole('alertdialog', { name: 'Your session has ended' })
    await dialog.waitFor()
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Log in in a new tab')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Log in in this tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor()
  })
})
