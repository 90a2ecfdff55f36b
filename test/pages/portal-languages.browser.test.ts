// The portal and the pages of the server in every language: in that of the browser before anything is chosen, in the chosen one
// after that, and on the narrowest screen nothing stands out or is cut off, however long the words are.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { LANGUAGES, type Language } from '#http'
import { type Door, startOneNode } from '../e2e/door.ts'
import { findLostNow, isLookedAt } from '../e2e/page-problems.ts'
import { chooseLanguage, untilDrawn } from '../e2e/portal-page.ts'
import { accountOf, type Visitor, visit } from '../e2e/visitor.ts'
import { findAccessibilityProblems, openBrowser, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'

/** Its words are the longest: it is looked at on every page, the others where there is most to say. */
const LONGEST: Language = 'fr'
/** One of each family of scripts, besides English: in these the server's pages are looked at with axe, too. */
const SCRIPTS: readonly Language[] = ['de', 'ja']
const looked: readonly Language[] = isLookedAt ? LANGUAGES.slice(1) : []
const FULLEST = ['/', '/settings/tokens', '/admin/users', '/account']
const SERVER_PAGES = ['/auth/login?again=1', '/account', '/auth/connect', '/auth/logged-out', '/no-such-page/']

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('the portal’s languages', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: Door
  before(async () => {
    door = await startOneNode({
      config: { portal: { notices: [{ id: 'now', level: 'info', text: 'Storage is read-only.' }] } },
    })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  const enter = async (width: number): Promise<Visitor> => {
    const visitor = await visit(browser, door, { width })
    await visitor.goTo('/')
    await visitor.logInElsewhere(accountOf(door, 'admin'))
    await untilDrawn(visitor.page)
    return visitor
  }

  for (const language of looked) {
    test(`in ${language}, 320 pixels wide: nothing scrolls sideways, nothing is cut off`, async () => {
      const visitor = await enter(320)
      const { page, goTo } = visitor
      await chooseLanguage(page, door.url, language)
      await goTo('/')
      await untilDrawn(page)
      const addresses = await page
        .locator('#navigation a')
        .evaluateAll((links) => links.map((link) => (link as unknown as { pathname: string }).pathname))
      assert.ok(addresses.length > 10, 'the navigation leads to every page')
      const problems: string[] = []
      const paths = {
        all: [...addresses, '/settings/no-such-page', ...SERVER_PAGES],
        server: [...FULLEST, ...SERVER_PAGES],
        fullest: FULLEST,
      }[language === LONGEST ? 'all' : SCRIPTS.includes(language) ? 'server' : 'fullest']
      for (const path of paths) {
        await goTo(path)
        await untilDrawn(page)
        assert.equal(await page.locator('html').getAttribute('lang'), language, path)
        for (const each of await findLostNow(page)) problems.push(`${path} ${each}`)
        if (SCRIPTS.includes(language)) problems.push(...(await findAccessibilityProblems(page)))
      }
      assert.deepEqual(problems, [])
    })
  }

  for (const language of isLookedAt ? SCRIPTS : []) {
    test(`in ${language}, 320 pixels wide, before the login: nothing for axe to find`, async () => {
      const { page, goTo } = await visit(browser, door, { locale: language, width: 320 })
      const problems: string[] = []
      for (const path of ['/auth/login', '/auth/logged-out', '/auth/callback/sso?code=x&state=y', '/no-such-page/']) {
        await goTo(path)
        assert.equal(await page.locator('html').getAttribute('lang'), language, path)
        problems.push(...(await findAccessibilityProblems(page)))
        for (const each of await findLostNow(page)) problems.push(`${path} ${each}`)
      }
      assert.deepEqual(problems, [])
    })
  }

  test('before the login in the language of the browser, and after it as well', async () => {
    const { page, goTo } = await visit(browser, door, { locale: 'fr-CH' })
    await goTo('/')
    await page.getByRole('heading', { level: 1, name: 'Se connecter' }).waitFor()
    await page.getByRole('button', { name: 'Se connecter avec Example login' }).click()
    await page.waitForURL((url) => url.hostname === 'localhost')
    const { username, password } = accountOf(door, 'staff')
    await page.getByLabel(/name/i).fill(username)
    await page.getByLabel(/password/i).fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /^Bonjour/ }).waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
    assert.match(await page.getByRole('complementary').innerText(), /dans \d+ (heures|minutes)/)
    await goTo('/settings/sessions')
    await page.getByText('Chrome sur Linux').first().waitFor()
    await page
      .getByRole('button', { name: /: Chrome sur Linux$/ })
      .first()
      .waitFor()
  })

  test('what is chosen on a page of the server holds in the portal, and the other way round', async () => {
    const visitor = await enter(1440)
    const { page, goTo } = visitor
    await chooseLanguage(page, door.url, 'en')
    await goTo('/account')
    await page.getByText('Language', { exact: true }).click()
    await page.getByRole('button', { name: '日本語' }).click()
    await page.getByRole('heading', { level: 1, name: 'あなたのアカウント' }).waitFor()
    assert.match(await page.evaluate('getComputedStyle(document.body).fontFamily'), /Yu Gothic UI/)
    await goTo('/settings/appearance')
    await page.getByRole('heading', { level: 1, name: '表示と言語' }).waitFor()
    assert.match(await page.evaluate('getComputedStyle(document.body).fontFamily'), /Yu Gothic UI/)
    await page.getByRole('radio', { name: 'Deutsch' }).check()
    await page.getByRole('heading', { level: 1, name: 'Darstellung und Sprache' }).waitFor()
    await page.getByText('Für alle Ihre Browser gespeichert').waitFor()
    await goTo('/no-such-page/')
    await page.getByRole('heading', { level: 1, name: 'Hier ist nichts' }).waitFor()
    await goTo('/account')
    await page.getByRole('heading', { level: 1, name: 'Ihr Konto' }).waitFor()
  })
})
