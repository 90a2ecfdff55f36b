// Before a token ends its owner hears of it: in the list, and by a mail that leads to the page where to make another one.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { startLab } from './lab.ts'
import { startOidcLab } from './oidc-lab.ts'
import { makeToken } from './token-lab.ts'

const DAY_MS = 86_400_000

/** The text of the mails that were written into the folder, once there is one. */
async function untilMailed(clock: ManualClock, folder: string): Promise<readonly string[]> {
  for (let turns = 0; readdirSync(folder).every((name) => !name.endsWith('.eml')); turns++) {
    assert.ok(turns < 10_000, 'a mail is written')
    clock.advance(1000)
    await setImmediate()
  }
  const read = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .replace(/=\r?\n/g, '')
      .replace(/=3D/g, '=')
  return readdirSync(folder).map(read)
}

test('a week before', { timeout: 60_000 }, async (t) => {
  const folder = makeDirectory('mails')
  t.after(() => removeDirectory(folder))
  const clock = createManualClock(Date.now())
  const config = { mail: { from: 'gate@lab.test', file: folder } }
  await using lab = await startOidcLab({ clock, config })
  const ada = await lab.logIn('ada')
  await makeToken(ada, lab.url, { name: 'brief', expiresInDays: 1 })
  await makeToken(ada, lab.url, { name: 'nightly', expiresInDays: 7 })
  await makeToken(ada, lab.url, { name: 'monthly', expiresInDays: 30 })
  clock.stepWallClock(23 * DAY_MS)
  const [mail, ...more] = await untilMailed(clock, folder)
  assert.equal(more.length, 0)
  assert.match(mail ?? '', /^To: ada@example\.org\r?$/m)
  assert.match(mail ?? '', /monthly/)
  assert.doesNotMatch(mail ?? '', /nightly/)
  const [link = ''] = /https?:\S+settings\S+/.exec(mail ?? '') ?? []
  assert.equal(link, `${lab.url}/portal/settings/tokens`)
})

test('in the list, from the same time on, or not at all', { timeout: 60_000 }, async () => {
  for (const [tokens, expected] of [
    [{}, [[], ['monthly']]],
    [{ warnBefore: '0s' }, [[], []]],
  ] as const) {
    const clock = createManualClock(Date.now())
    await using lab = await startLab({ clock, config: { tokens, sessions: { idle: '40d', absolute: '40d' } } })
    const ada = await lab.logIn('ada')
    await makeToken(ada, lab.url, { name: 'short', expiresInDays: 24 })
    await makeToken(ada, lab.url, { name: 'monthly', expiresInDays: 30 })
    const soon = async () => {
      const { tokens: listed } = (await ada.get('/api/v1/tokens')).json() as {
        tokens: { name: string; endsSoon: boolean }[]
      }
      return listed.filter(({ endsSoon }) => endsSoon).map(({ name }) => name)
    }
    const before = await soon()
    clock.stepWallClock(24 * DAY_MS)
    assert.deepEqual([before, await soon()], expected)
  }
})
