// Managers that are announced in a real etcd: used when they come and left when they go, within two seconds, for calls and
// for logins. That etcd is away changes nothing that works, over a reload as well.

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Answer, Manager } from '../support/backend-ai/index.ts'
import { type Etcd, isMissing, startEtcd, waitUntil } from '../support/programs.ts'
import { type BackendAiLab, type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import type { LabClient, LabSocket } from './lab-client.ts'
import { post, problem } from './post.ts'

const WITHIN_MS = 2000

const found = await startEtcd()
const skip = isMissing(found) && found.missing

/** With nobody but those who are announced. */
const startLab = (etcd: Etcd, prefix: string, profile: ProfileName): Promise<BackendAiLab> =>
  startBackendAiLab({
    profile,
    backendAi: { manager: { to: undefined, discover: { type: 'etcd', prefix } } },
    config: { etcd: { endpoints: etcd.urls, timeout: '500ms' } },
  })

const tryLogin = (lab: BackendAiLab): Promise<Answer> => {
  const { username, password } = lab.manager.accounts.get('ada@example.org')
  return post(lab.stranger(), 'login', { username, password })
}

const call = (client: LabClient): Promise<Answer> => client.ask('/func/folders')

const countOf = ({ counts }: Manager, route: string): number => counts.byRoute.get(route) ?? 0
const usesOf = (manager: Manager): string => `${countOf(manager, 'echo')} ${countOf(manager, 'POST /auth/authorize')}`

/** @returns how long it took, in milliseconds */
async function becomes(isSo: () => Promise<boolean>): Promise<number> {
  const began = performance.now()
  await waitUntil(isSo)
  return performance.now() - began
}

/** A few calls and logins, none of which fails. @returns whether that Manager saw both, or neither */
async function asks(lab: BackendAiLab, client: LabClient, manager: Manager): Promise<'used' | 'left' | undefined> {
  const [calls, logins] = [countOf(manager, 'echo'), countOf(manager, 'POST /auth/authorize')]
  for (let count = 0; count < 4; count++) {
    assert.equal((await call(client)).status, 200)
    // Each is two questions, so that with the call before it begins at another Manager each time.
    assert.equal((await tryLogin(lab)).json().authenticated, true)
  }
  const [hasCalls, hasLogins] = [countOf(manager, 'echo') > calls, countOf(manager, 'POST /auth/authorize') > logins]
  if (hasCalls !== hasLogins) return undefined
  return hasCalls ? 'used' : 'left'
}

describe('Managers from etcd', { skip, timeout: 120_000 }, () => {
  const etcd = found as Etcd
  after(() => etcd.stop())

  for (const profile of ['26.2', '26.4'] as const) {
    test(`${profile}: one that comes is used, and one that goes is left, for calls and for logins`, async () => {
      const prefix = `/${profile}/managers/`
      await using lab = await startLab(etcd, prefix, profile)
      const noManager =
        profile === '26.2'
          ? { status: 502, type: 'bad-gateway', title: 'The proxy target server is inaccessible.' }
          : {
              status: 503,
              type: 'webserver/manager-connection-unavailable',
              title: 'No healthy Manager endpoint is available.',
            }
      assert.deepEqual(problem(await tryLogin(lab)), noManager)

      await etcd.put(`${prefix}one`, lab.manager.url)
      assert.ok((await becomes(async () => (await tryLogin(lab)).status === 200)) < WITHIN_MS)
      const ada = await lab.logIn()
      await using twin = await lab.startTwin()
      assert.equal(await asks(lab, ada, twin), 'left')

      await etcd.put(`${prefix}two`, JSON.stringify({ url: twin.url }))
      assert.ok((await becomes(async () => (await asks(lab, ada, twin)) === 'used')) < WITHIN_MS)
      const socket = await openAt(ada, lab.manager)
      await etcd.remove(`${prefix}one`)
      assert.ok((await becomes(async () => (await asks(lab, ada, lab.manager)) === 'left')) < WITHIN_MS)
      assert.deepEqual(await socket.closed, { code: 1012, reason: 'the service has moved' })
      const before = usesOf(lab.manager)
      assert.equal(await asks(lab, ada, twin), 'used')
      assert.equal(usesOf(lab.manager), before)

      await etcd.remove(`${prefix}two`)
      assert.ok((await becomes(async () => (await tryLogin(lab)).status === noManager.status)) < WITHIN_MS)
      assert.deepEqual([problem(await tryLogin(lab)), problem(await call(ada))], [noManager, noManager])
      assert.equal((await post(ada, 'login-check')).json().authenticated, true, 'the login is still one')
      await etcd.put(`${prefix}one`, lab.manager.url)
      assert.ok((await becomes(async () => (await call(ada)).status === 200)) < WITHIN_MS)
      assert.equal(lab.manager.counts.disproved + twin.counts.disproved, 0)
    })

    test(`${profile}: etcd stops, and all goes on as it was, over reloads too; then it is back`, async () => {
      const own = (await startEtcd()) as Etcd
      await using stack = new AsyncDisposableStack()
      stack.defer(own.stop)
      await using lab = await startLab(own, '/managers/', profile)
      await own.put('/managers/one', lab.manager.url)
      await becomes(async () => (await tryLogin(lab)).status === 200)
      const ada = await lab.logIn()
      const socket = await ada.open('/func/stream/session/x/pty')
      const lost = () => lab.gateway.logs.some(({ event }) => event === 'etcd_lost')

      await own.halt()
      await waitUntil(async () => lost())
      await allWorks(lab, ada)
      await lab.reload({ server: { branding: { title: 'Renamed' } } })
      await allWorks(lab, ada)
      socket.send('still here')
      assert.equal(await socket.next(), 'still here')
      // With another way to the same Managers, which begins by asking who they are.
      await lab.reload({ backendAi: { manager: { connections: 500 } } })
      await allWorks(lab, ada)

      await own.restart()
      await using twin = await lab.startTwin()
      await own.put('/managers/two', twin.url)
      assert.ok((await becomes(async () => (await asks(lab, ada, twin)) === 'used')) < WITHIN_MS)
      assert.equal(lab.manager.counts.disproved + twin.counts.disproved, 0)
    })
  }
})

/** What people do: come, ask, listen, stay longer, and go. */
async function allWorks(lab: BackendAiLab, ada: LabClient): Promise<void> {
  assert.equal((await call(ada)).status, 200)
  assert.equal((await post(ada, 'extend-login-session')).json().status, 201)
  const socket = await ada.open('/func/stream/session/x/pty')
  socket.send('hello')
  assert.equal(await socket.next(), 'hello')
  socket.close(1000)
  const grace = await lab.logIn('grace@example.org')
  assert.equal((await call(grace)).status, 200)
  assert.equal((await post(grace, 'logout')).status, 200)
  assert.equal((await call(grace)).status, 401)
  assert.equal((await lab.stranger().ask('/readyz')).status, 200)
}

/** A WebSocket that goes to this Manager. */
async function openAt(client: LabClient, manager: Manager): Promise<LabSocket> {
  const before = manager.sockets.length
  const socket = await client.open('/func/stream/session/x/pty')
  if (manager.sockets.length > before) return socket
  socket.close(1000)
  await socket.closed
  return openAt(client, manager)
}
