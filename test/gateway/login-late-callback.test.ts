// A login that took longer than ten minutes, on a clock that the test moves (security.md L2): it does not count any more.
// Who merely was slow is sent round once more, to the same place, and no more than once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { startOidcLab } from './oidc-lab.ts'

test('a callback after ten minutes logs nobody in; the browser that began it is sent round once more', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startOidcLab({ clock })
  const ada = lab.browser()
  const slow = await ada.prove(await ada.begin('/account'), 'ada')
  clock.advance(10 * 60_000)

  const stranger = await lab.browser().comeBack(slow)
  assert.equal(stranger.status, 401)

  const again = await ada.comeBack(slow)
  assert.equal(ada.cookies.has('__Host-gatehouse'), false)
  assert.equal(again.status, 303)
  const anew = String(again.headers.location)
  assert.equal(new URL(anew).origin, lab.provider.issuer)
  assert.notEqual(new URL(anew).searchParams.get('state'), slow.searchParams.get('state'))
  const prompt = await ada.prove(anew, 'ada')
  const landed = await ada.comeBack(prompt)
  assert.deepEqual([landed.status, landed.headers.location], [303, '/account'])
  assert.equal((await ada.get('/api/v1/me')).status, 200)
})

test('who is slow a second time is not sent round for ever', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startOidcLab({ clock })
  const ada = lab.browser()
  const slow = await ada.prove(await ada.begin('/account'), 'ada')
  clock.advance(10 * 60_000)
  const anew = String((await ada.comeBack(slow)).headers.location)
  const slowAgain = await ada.prove(anew, 'ada')
  clock.advance(10 * 60_000)
  assert.equal((await ada.comeBack(slowAgain)).status, 401)
})
