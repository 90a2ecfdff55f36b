// `GET /api/v1/hubs`: what the portal shows of the hubs, and of the session's accounts there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { startHubsLab } from './hubs-lab.ts'

test('which hubs there are, and where this session has an account since when', { timeout: 60_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startHubsLab({ clock, accessTokenSeconds: 7200 })
  const ada = await lab.logIn('ada', 'freiburg')
  const loggedInAt = new Date(clock.now()).toISOString()
  clock.advance(60_000)
  const list = async () => ((await ada.get('/api/v1/hubs')).json() as { hubs: readonly object[] }).hubs
  const shared = (id: 'freiburg' | 'tuebingen') => ({
    id,
    label: `DataHUB ${id}`,
    provider: id,
    href: lab.hubs[id].url,
    api: `${lab.basePath}/hubs/${id}/api/v4/`,
  })
  const login = { ...shared('freiburg'), connected: true, isLogin: true, since: loggedInAt }
  assert.deepEqual(await list(), [login, { ...shared('tuebingen'), connected: false, isLogin: false }])

  await ada.connect('ada', 'tuebingen')
  const connectedAt = new Date(clock.now()).toISOString()
  clock.advance(60_000)
  const connected = { ...shared('tuebingen'), connected: true, isLogin: false, since: connectedAt }
  assert.deepEqual(await list(), [login, connected])
  await ada.post('/auth/disconnect/tuebingen')
  assert.deepEqual(await list(), [login, { ...shared('tuebingen'), connected: false, isLogin: false }])
})
