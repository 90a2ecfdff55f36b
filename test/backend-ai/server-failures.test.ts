// How often a password may be wrong (§2.5), and what counts as that.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { type BackendAiLab, startBackendAiLab } from './backend-ai-lab.ts'
import { post, problem } from './post.ts'

const ADA = { username: 'ada@example.org', password: 'CANARY-ada-writes-notes' }
const LIMITS = { config: { server: { limits: { logins: { failures: '3/20m' } } } } }
const BLOCKED = { status: 429, type: 'too-many-requests', title: 'Too many failed login attempts' }

const asked = ({ manager }: BackendAiLab) => manager.counts.byRoute.get('POST /auth/authorize') ?? 0
const wrong = (lab: BackendAiLab, path = 'login', more: object = {}) =>
  post(lab.stranger(), path, { username: ADA.username, password: 'wrong', ...more })

test('after so many wrong passwords even the right one is refused, until the time is over', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startBackendAiLab({ ...LIMITS, clock })
  for (let count = 0; count < 3; count++) assert.equal((await wrong(lab)).status, 200)
  const refused = await wrong(lab)
  assert.deepEqual(problem(refused), BLOCKED)
  assert.equal(refused.headers['set-cookie'], undefined)
  assert.ok(Number(refused.headers['retry-after']) > 0)
  assert.deepEqual(problem(await post(lab.stranger(), 'login', ADA)), BLOCKED)
  // Another spelling is no other account.
  const spelled = { ...ADA, username: ' ADA@example.org' }
  assert.deepEqual(problem(await post(lab.stranger(), 'login', spelled)), BLOCKED)
  assert.equal(asked(lab), 3)
  // How much of it still counts after twenty minutes depends on when in the hour it was.
  clock.advance(40 * 60_000)
  assert.equal((await post(lab.stranger(), 'login', ADA)).json().authenticated, true)
})

test('many at once are not more: no more than so many reach the Manager', async () => {
  await using lab = await startBackendAiLab(LIMITS)
  const answers = await Promise.all(Array.from({ length: 12 }, () => wrong(lab)))
  assert.equal(asked(lab), 3)
  assert.equal(answers.filter(({ status }) => status === 429).length, 9)
})

test('what is typed into the form for an expired password counts as well', async () => {
  await using lab = await startBackendAiLab(LIMITS)
  const guess = () =>
    post(lab.stranger(), 'update-password-no-auth', {
      username: ADA.username,
      current_password: 'wrong',
      new_password: 'x',
    })
  for (let count = 0; count < 3; count++) assert.equal((await guess()).status, 200)
  assert.deepEqual(problem(await guess()), BLOCKED)
  assert.deepEqual(problem(await post(lab.stranger(), 'login', ADA)), BLOCKED)
})

test('a wish for a second factor, and a Manager that is away, count as nothing', async () => {
  const accounts = [{ ...ADA, totp: 'JBSWY3DPEHPK3PXP' }]
  await using lab = await startBackendAiLab({ ...LIMITS, profile: '26.8', manager: { accounts } })
  const stop = lab.manager.disturb({ kind: 'hang up' }, { target: /authorize/, times: 5 })
  for (let count = 0; count < 5; count++) assert.equal((await post(lab.stranger(), 'login', ADA)).status, 502)
  stop()
  for (let count = 0; count < 5; count++) assert.equal((await post(lab.stranger(), 'login', ADA)).status, 200)
  // A wrong code does: it is short enough to be guessed.
  for (let count = 0; count < 3; count++) await post(lab.stranger(), 'login', { ...ADA, otp: '000000' })
  assert.deepEqual(problem(await post(lab.stranger(), 'login', ADA)), BLOCKED)
})

for (const [profile, counts] of [
  ['26.2', true],
  ['26.4', false],
  ['26.8', false],
] as const) {
  test(`${profile}: an error of the Manager’s own ${counts ? 'counts' : 'does not count'}`, async () => {
    await using lab = await startBackendAiLab({ ...LIMITS, profile })
    const error = { type: 'https://api.backend.ai/probs/internal-server-error', title: 'T', msg: 'M' }
    const headers = { 'content-type': 'application/problem+json' }
    const stop = lab.manager.disturb(
      { kind: 'answer', status: 500, headers, body: JSON.stringify(error) },
      { target: /authorize/ },
    )
    for (let count = 0; count < 3; count++) {
      const answer = await post(lab.stranger(), 'login', ADA)
      assert.equal(answer.status, counts ? 200 : 500)
      assert.deepEqual(answer.json().data, { type: error.type, title: 'T', details: 'M' })
    }
    stop()
    assert.equal((await post(lab.stranger(), 'login', ADA)).status, counts ? 429 : 200)
  })
}

test('strangers lock nobody out: a browser that has logged in before still can', async () => {
  await using lab = await startBackendAiLab(LIMITS)
  const browser = await lab.logIn()
  await post(browser, 'logout')
  for (let count = 0; count < 4; count++) await wrong(lab)
  assert.deepEqual(problem(await wrong(lab)), BLOCKED)
  assert.equal((await post(browser, 'login', ADA)).json().authenticated, true)
})
