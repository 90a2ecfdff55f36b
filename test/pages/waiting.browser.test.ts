// The page of somebody whose account nobody has approved yet, in a real browser: readable for everybody, usable by
// keyboard alone, and over once somebody has decided.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type GlassDoor, startOneNode } from '../e2e/door.ts'
import { accountOf, visit } from '../e2e/visitor.ts'
import {
  findAccessibilityProblems,
  openBrowser,
  scrollsSideways,
  type TestBrowser,
  takeScreenshot,
} from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'

const found = await openBrowser()
const skip = isMissing(found) ? found.missing : false

describe('the page of who waits for approval', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  let door: GlassDoor
  before(async () => {
    door = await startOneNode({ config: { access: { contact: 'the user office', signUp: { approval: 'required' } } } })
  })
  after(async () => {
    await browser.close()
    await door[Symbol.asyncDispose]()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1440]) {
      test(`${colorScheme}, ${width} pixels wide`, async () => {
        const { page, goTo, logInHere, heading } = await visit(browser, door, { colorScheme, width })
        await goTo('/')
        await logInHere(accountOf(door, 'member'))
        assert.equal(await heading(), 'Your account is waiting for approval')
        assert.equal(new URL(page.url()).pathname, '/auth/pending')
        assert.deepEqual(await findAccessibilityProblems(page), [])
        assert.equal(await scrollsSideways(page), false)
        await takeScreenshot(page, `${colorScheme}-${width}-auth-pending`)
      })
    }
  }

  test('the way on is found by keyboard, and leads in after the approval', async () => {
    const { page, goTo, logInHere, heading } = await visit(browser, door)
    await goTo('/')
    await logInHere(accountOf(door, 'staff'))
    const { access } = door.nodes[0]?.apis ?? assert.fail('there is a node')
    const user = (await access.users.find('manager/staff')) ?? assert.fail('the login made a user')
    await access.users.approve(user.id)
    const focused = (): Promise<string> => page.evaluate("(document.activeElement?.innerText ?? '').trim()")
    for (let presses = 0; (await focused()) !== 'Look again'; presses++) {
      assert.ok(presses < 20, 'Tab comes to the link')
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname !== '/auth/pending')
    assert.notEqual(await heading(), 'Your account is waiting for approval')
  })
})
