// The page that calls as the Backend.AI Web UI does, at the whole gateway and in a real browser, for each profile.

import assert from 'node:assert/strict'
import { after, afterEach, before, describe } from 'node:test'
import type { ProfileName } from '../backend-ai/backend-ai-lab.ts'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { storeOfThisRun } from '../support/test-stores.ts'
import { createWebUiDoor } from './backend-ai-door.ts'
import { testLogins } from './backend-ai-logins.ts'
import { testStays } from './backend-ai-stays.ts'

const opened = await openBrowser()
const browser = opened as TestBrowser
const skip = isMissing(opened) && opened.missing
/** One of them is enough to try each kind of store. */
const profiles: readonly ProfileName[] = storeOfThisRun() === 'embedded' ? ['26.2', '26.4', '26.8'] : ['26.4']

after(async () => {
  if (!skip) await browser.close()
})

for (const profile of profiles) {
  describe(`the Web UI of ${profile}`, { skip, timeout: 170_000 }, () => {
    const door = createWebUiDoor(profile, browser)
    before(door.start)
    afterEach(async () => {
      await door.closePages()
      assert.deepEqual(door.complaints.splice(0), [], 'the browser complains of nothing')
    })
    after(async () => {
      const logs = JSON.stringify(door.lab.gateway.logs)
      await door.close()
      assert.ok(!logs.includes('CANARY'), 'no log holds a password, a key or a token')
    })
    testLogins(door)
    testStays(door)
  })
}
