// What an address that has used up its wrong passwords makes the store keep. What is refused and what is not, over HTTP:
// `test/gateway/login-guessing.test.ts`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryKeyValue } from '#storage'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { KnownBrowsers } from './known-browsers.ts'
import { createLoginGuard } from './login-guard.ts'

const nobody: KnownBrowsers = { find: () => undefined, findAny: () => undefined, remember: () => {} }
const windowMs = 300_000

test('of an address that is refused nothing is kept, whatever names it makes up', async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 1))
  const store = createMemoryKeyValue({ clock })
  const counted = new Set<string>()
  const guard = createLoginGuard({
    clock,
    keyValue: {
      ...store,
      increment(key, options) {
        counted.add(key)
        return store.increment(key, options)
      },
    },
    browsers: nobody,
    limits: {
      failures: { limit: 5, windowMs },
      failuresPerAddress: { limit: 10, windowMs },
      failuresPerAccount: { limit: 100, windowMs },
      pendingPerAddress: undefined,
      pending: undefined,
    },
  })
  let looked = 0
  for (let n = 0; n < 200; n++) {
    const check = async () => {
      looked++
      return { kind: 'refused' }
    }
    await guard.attempt(createFakeContext(), { provider: 'local', username: `made-up-${n}` }, check).catch(() => {})
  }
  assert.equal(looked, 10)
  assert.equal(counted.size, 1 + 2 * looked, 'the address, and for each password that was looked at its account')
})
