// Pages once something has been done on them, or has gone wrong, in light and dark, narrow and wide; and for people whose
// system has colours of its own (forced colours) or who want nothing to move.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTrafficStore, MINUTE_MS } from '#portal'
import { type GlassDoor, startOneNode } from '../e2e/door.ts'
import { findLostWhenChanged, findPageProblems, isLookedAt } from '../e2e/page-problems.ts'
import { accountOf, type Visitor, visit } from '../e2e/visitor.ts'
import { startManager } from '../support/backend-ai/index.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { CODED, openPage, PORTAL_STATES, STRANGER_STATES } from './portal-states.ts'
import { countOther, findMotion, findUnseenFocus, takePicture } from './seen.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : !isLookedAt

describe('pages in every state', { skip, timeout: 300_000 }, () => {
  const browser = found as TestBrowser
  const stack = new AsyncDisposableStack()
  let door: GlassDoor
  let visitor: Visitor
  before(async () => {
    stack.defer(() => browser.close())
    const manager = await startManager({ accounts: [CODED] })
    stack.defer(() => manager.close())
    const identity = [{ id: 'coded', type: 'backend-ai', label: 'With a code', endpoint: manager.url }]
    door = stack.use(await startOneNode({ config: { identity, access: { contact: 'the user office' } } }))
    await keepTraffic()
    visitor = await visit(browser, door)
    await visitor.goTo('/')
    await visitor.logInElsewhere(accountOf(door, 'admin'))
    await visitor.page.getByRole('heading', { level: 1 }).waitFor()
  })
  after(() => stack.disposeAsync())

  for (const { name, reach } of PORTAL_STATES) {
    test(name, async () => {
      await reach(visitor)
      assert.deepEqual(await findPageProblems(visitor.page, name), [])
    })
  }

  test('pages of the server, for strangers', async () => {
    const stranger = await visit(browser, door)
    const problems: string[] = []
    for (const { name, reach } of STRANGER_STATES) {
      await reach(stranger)
      problems.push(...(await findPageProblems(stranger.page, name)))
    }
    assert.deepEqual(problems, [])
  })

  test('nothing is lost at twice the size, or with the spaces that readers may want', async () => {
    const { page, goTo } = visitor
    const problems: string[] = []
    for (const path of ['/', '/apps', '/settings/tokens', '/admin', '/admin/users', '/admin/policy']) {
      await openPage(visitor, path)
      problems.push(...(await findLostWhenChanged(page, path)))
    }
    for (const path of ['/account', '/auth/login?again=1', '/no-such-page/']) {
      await goTo(path)
      problems.push(...(await findLostWhenChanged(page, path)))
    }
    assert.deepEqual(problems, [])
  })

  describe('with forced colours', () => {
    before(async () => {
      await visitor.page.setViewportSize({ width: 1440, height: 900 })
      await visitor.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce', forcedColors: 'active' })
    })

    test('the focus can be seen wherever Tab comes', async () => {
      const { page } = visitor
      await openPage(visitor, '/settings/tokens')
      const unseen = [...(await findUnseenFocus(page, { least: 25 }))]
      for (const [path, least] of [
        ['/settings/appearance', 2],
        ['/admin', 3],
        ['/admin/policy', 6],
      ] as const) {
        await openPage(visitor, path)
        unseen.push(...(await findUnseenFocus(page, { within: '#main', least })))
      }
      const stranger = await visit(browser, door)
      await stranger.page.emulateMedia({ forcedColors: 'active' })
      await stranger.goTo('/auth/login')
      unseen.push(...(await findUnseenFocus(stranger.page, { least: 8 })))
      assert.deepEqual(unseen, [])
    })

    test('what is chosen, checked, or here can be seen', async () => {
      const { page } = visitor
      await openPage(visitor, '/admin')
      await looksOther(page, '.mantine-SegmentedControl-root', () => page.getByText('6 hours', { exact: true }).click())
      await openPage(visitor, '/settings/tokens')
      await looksOther(page, '.mantine-Checkbox-body:has(#scope-self\\:read)', () =>
        page.getByLabel('Read what is yours here').check(),
      )
      const link = '#navigation a:has-text("Apps")'
      await looksOther(page, link, () => openPage(visitor, '/apps'))
    })

    test('what a colour stands for has an edge, or keeps its colour', async () => {
      const { page } = visitor
      await openPage(visitor, '/')
      const edges = (await page.evaluate(EDGES)) as readonly string[]
      assert.ok(edges.length >= 3)
      assert.deepEqual(new Set(edges), new Set(['solid']))
      await openPage(visitor, '/admin')
      await page.locator('.chart').first().waitFor()
      const [legend, drawn] = (await page.evaluate(SERIES)) as readonly string[][]
      assert.ok(legend?.length === 2 && legend[0] !== legend[1], `two series have two colours: ${legend?.join()}`)
      assert.deepEqual(legend, drawn, 'those in which they are drawn')
    })
  })

  test('what is said for a moment is never over what has the focus', async () => {
    const { page } = visitor
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce', forcedColors: 'none' })
    await page.setViewportSize({ width: 320, height: 480 })
    await openPage(visitor, '/settings/appearance')
    await page.getByRole('radio', { name: 'System' }).focus()
    // The one that is chosen next is at the lower end of the window.
    await page.evaluate(
      "scrollBy(0, document.querySelector('[value=light]').getBoundingClientRect().bottom - innerHeight + 4)",
    )
    await page.keyboard.press('ArrowDown')
    await page.locator('.toast.shown').waitFor()
    const [toast, focus] = await Promise.all(['.toast.shown', ':focus'].map((each) => page.locator(each).boundingBox()))
    assert.ok(toast && focus, 'both are there')
    assert.ok(focus.y + focus.height < toast.y || toast.y + toast.height < focus.y, JSON.stringify({ toast, focus }))
    await page.getByRole('radio', { name: 'System' }).check()
    await page.locator('html[data-theme=system]').waitFor({ state: 'attached' })
  })

  test('who wants nothing to move sees nothing move', async () => {
    const { page } = visitor
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference', forcedColors: 'none' })
    await openPage(visitor, '/settings/tokens')
    assert.notDeepEqual(await findMotion(page), [], 'otherwise something does')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const path of ['/', '/settings/tokens', '/settings/appearance', '/admin', '/admin/policy', '/account']) {
      if (path === '/account') await visitor.goTo(path)
      else await openPage(visitor, path)
      assert.deepEqual(await findMotion(page), [], path)
    }
    await openPage(visitor, '/')
    await page.locator('.person').click()
    await page.getByRole('menuitem').first().waitFor()
    assert.deepEqual(await findMotion(page), [], 'an open menu')
  })

  /** Something for the charts of the overview to draw. */
  async function keepTraffic(): Promise<void> {
    const { storage } = door.nodes[0]?.apis ?? assert.fail('there is a node')
    const traffic = { requests: 70, refused: 0, failed: 5, durations: [], logins: 3, loginsRefused: 1 }
    const minute = Math.floor(Date.now() / MINUTE_MS - 5) * MINUTE_MS
    await createTrafficStore(storage).put('test', { minute, traffic })
  }

  /** Of the same words before and after, with the focus and the pointer elsewhere. */
  async function looksOther(page: Page, selector: string, change: () => Promise<unknown>): Promise<void> {
    const before = await takePicture(page, selector)
    await change()
    const after = await takePicture(page, selector)
    const blank = await browser.newPage()
    const count = await countOther(blank, before, after)
    await blank.close()
    assert.ok(count >= 40, `${selector} looks as before, but for ${count} points`)
  }
})

const EDGES = `[...document.querySelectorAll('.badge, .tile, .initial')].map((each) => getComputedStyle(each).borderTopStyle)`

/** The colours of the first chart: in its legend, and of what stands for the series in its drawing. */
const SERIES = `(() => {
  const items = [...document.querySelector('.chart').querySelectorAll('.chart-legend li')].slice(0, 2)
  const mark = (name) => {
    const mark = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
    mark.setAttribute('class', name)
    document.querySelector('.chart-plot svg').append(mark)
    const { fill } = getComputedStyle(mark)
    mark.remove()
    return fill
  }
  return [
    items.map((item) => getComputedStyle(item, '::before').backgroundColor),
    items.map((item) => mark(item.className)),
  ]
})()`
