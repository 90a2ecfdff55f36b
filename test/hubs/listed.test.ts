// `GET /api/v1/hubs`: what the portal shows of the hubs, and of the session's accounts there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startLab } from '../gateway/lab.ts'
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
    mayUse: true,
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

test('who may not use a hub is told so before they connect an account there', { timeout: 60_000 }, async () => {
  const hubs = (allow: readonly string[]) => ({ hubs: { hubs: [{ id: 'tuebingen', allow }] } })
  await using lab = await startHubsLab({ config: hubs(['group:curators']) })
  const ada = await lab.logIn('ada', 'freiburg')
  const { hubs: listed } = (await ada.get('/api/v1/hubs')).json() as {
    hubs: readonly { readonly id: string; readonly mayUse: boolean; readonly because?: string }[]
  }
  assert.deepEqual(
    listed.map(({ id, mayUse }) => [id, mayUse]),
    [
      ['freiburg', true],
      ['tuebingen', false],
    ],
  )
  assert.match(listed[1]?.because ?? '', /curators/)
})

test('the portal’s page of hubs is beside them, and not there without any', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = await lab.logIn('ada', 'freiburg')
  const page = await ada.get('/hubs', { accept: 'text/html' })
  assert.equal(page.status, 200)
  assert.match(page.text, new RegExp(`data-home="${lab.basePath}"`))
  const { pages } = (await ada.get('/api/v1/portal')).json() as { pages: readonly string[] }
  assert.ok(pages.includes('hubs'))

  await using without = await startLab()
  const grace = await without.logIn('grace')
  assert.equal((await grace.get('/hubs', { accept: 'text/html' })).status, 404)
  assert.equal(
    ((await grace.get('/api/v1/portal')).json() as { pages: readonly string[] }).pages.includes('hubs'),
    false,
  )
})
