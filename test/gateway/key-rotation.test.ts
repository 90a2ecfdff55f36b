// Keys are changed while people work (security.md K3): a new one at the head of the ring signs nobody out; when an old one
// is taken out, exactly the sessions that it sealed are over.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { rotateKeyRing } from '#storage'
import type { TestClient } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { openTestStores } from '../support/test-stores.ts'
import { startLab } from './lab.ts'

/** The file is looked at this often. */
const LOOK_MS = 15_000

test('while the ring is rotated nobody is signed out; what a removed key sealed is over, and nothing else', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(Date.now())
  await using upstream = await startRecordingUpstream(() => ok())
  await using stores = await openTestStores('embedded')
  await using lab = await startLab({
    clock,
    stores,
    config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['authenticated'] }] },
  })
  const { keyRing } = lab.gateway.apis.storage
  const file = join(stores.directory, 'key-ring')
  const early = await lab.logIn('ada')
  const answers: number[] = []
  let isWorking = true
  const work = async (client: TestClient): Promise<void> => {
    while (isWorking) answers.push((await client.get('/api/x')).status)
  }
  const working = [work(early), work(early), work(await lab.logIn('grace'))]
  const takeUp = async (keyId: string | undefined): Promise<void> => {
    clock.advance(LOOK_MS)
    while (keyRing.keys[0]?.id !== keyId) await new Promise(setImmediate)
  }

  let newest = ''
  for (let turn = 0; turn < 5; turn++) {
    const [asked, id] = [answers.length, rotateKeyRing(file, clock.now())]
    await takeUp(id)
    while (answers.length < asked + 20) await new Promise(setImmediate)
    newest = id
  }
  const late = await lab.logIn('mallory')
  isWorking = false
  await Promise.all(working)
  assert.deepEqual(new Set(answers), new Set([200]), `${answers.length} answers`)

  const ring = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, ring.filter((line) => line.includes(newest) || line.startsWith('#')).join('\n'))
  clock.advance(LOOK_MS)
  while (keyRing.keys.length !== 1) await new Promise(setImmediate)
  // What a node remembers of a session it forgets within minutes.
  clock.advance(5 * 60_000)
  assert.deepEqual([(await early.get('/api/x')).status, (await late.get('/api/x')).status], [401, 200])
})
