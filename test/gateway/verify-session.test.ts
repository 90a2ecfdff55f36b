// `/auth/verify` and the life of sessions: asking is a use, what has ended is refused at once, and a store that cannot
// say refuses too.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openTestStores } from '../support/test-stores.ts'
import { type Lab, type LabSettings, startLab } from './lab.ts'

const MINUTE = 60_000

const startVerifying = ({ config, ...settings }: LabSettings = {}): Promise<Lab> =>
  startLab({
    ...settings,
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      verify: {
        services: [
          { id: 'wiki', path: '/wiki/', allow: ['authenticated'] },
          { id: 'open', path: '/open/', allow: ['public'] },
        ],
      },
      ...config,
    },
  })

const ask = (client: TestClient, { port }: Lab, uri = '/wiki/'): Promise<TestAnswer> =>
  client.get('/auth/verify', {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': `127.0.0.1:${port}`,
    'x-forwarded-uri': uri,
  })

test('who works behind a front proxy does not fall silent', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startVerifying({ clock, config: { sessions: { idle: '10m', absolute: '40m' } } })
  const ada = await lab.logIn('ada')
  for (let count = 0; count < 4; count++) {
    clock.advance(9 * MINUTE)
    assert.equal((await ask(ada, lab)).status, 200, `after ${(count + 1) * 9} minutes`)
    await untilUsed(lab, clock.now())
  }
  clock.advance(4 * MINUTE)
  assert.equal((await ask(ada, lab)).status, 401, 'the absolute end stays')
})

/** The store hears of a use in the background. */
async function untilUsed(lab: Lab, at: number): Promise<void> {
  const [ada] = await lab.gateway.apis.access.users.list()
  assert.ok(ada)
  for (;;) {
    const [session] = await lab.gateway.apis.sessions.list(ada.id)
    if (session?.lastSeenAt === at) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a token serves for half of its life, and the next one is new', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startVerifying({ clock })
  const ada = await lab.logIn('ada')
  const tokenNow = async () => String((await ask(ada, lab)).headers['x-gatehouse-identity'])
  const first = await tokenNow()
  clock.advance(29_999)
  assert.equal(await tokenNow(), first)
  clock.advance(1)
  const second = await tokenNow()
  assert.notEqual(second, first)
  assert.equal((decodeJwt(second).iat ?? 0) - (decodeJwt(first).iat ?? 0), 30)
})

test('after a logout, or when the account is disabled, the next question is refused', async () => {
  await using lab = await startVerifying()
  const ada = await lab.logIn('ada')
  const copied = ada.cookieHeader()
  assert.equal((await ask(ada, lab)).status, 200)
  await ada.post('/auth/logout')
  const thief: TestClient = {
    ...lab.stranger(),
    get: (target, headers) => ada.get(target, { cookie: copied, ...headers }),
  }
  assert.equal((await ask(thief, lab)).status, 401)
  const again = await lab.logIn('ada')
  const { users } = lab.gateway.apis.access
  const [user] = await users.list()
  assert.ok(user)
  await users.setDisabled(user.id, true)
  assert.equal((await ask(again, lab)).status, 401)
})

test('while the store of sessions cannot say, nobody passes and nobody is sent to log in', async () => {
  await using stores = await openTestStores('embedded')
  await using lab = await startVerifying({ stores })
  const ada = await lab.logIn('ada')
  using database = new DatabaseSync(join(stores.directory, 'gatehouse.db'))
  database.exec('alter table kv_values rename to away')
  for (const uri of ['/wiki/', '/open/']) {
    const { status } = await ask(ada, lab, uri)
    assert.ok(status === 500 || status === 503, `${uri} is answered ${status}`)
  }
  database.exec('alter table away rename to kv_values')
  assert.equal((await ask(ada, lab)).status, 200)
})

test('a refusal is written down with what was asked about; a proxy that is not trusted is, too', async () => {
  await using lab = await startLab({ config: { server: { trustedProxies: ['192.0.2.1'] }, verify: { services: [] } } })
  assert.equal((await ask(lab.stranger(), lab)).status, 403)
  const said = lab.gateway.logs.find(({ event }) => event === 'security_violation')
  assert.match(String(said?.because), /^verify\.untrustedProxy/)

  const services = [{ id: 'wiki', path: '/wiki/', allow: ['group:admins'] }]
  await using other = await startVerifying({ config: { verify: { services } } })
  assert.equal((await ask(await other.logIn('ada'), other, '/wiki/secret?x=1')).status, 403)
  const refusal = other.gateway.logs.find(({ event }) => event === 'security_violation')
  assert.deepEqual([refusal?.subject, refusal?.method, refusal?.pattern], ['wiki', 'GET', '/auth/verify/*'])
})

test('a yes is counted and not logged, because the proxy logs the request; anything else is logged', async () => {
  await using lab = await startVerifying()
  const ada = await lab.logIn('ada')
  const linesSoFar = () => lab.gateway.logs.filter(({ path }) => path === '/auth/verify').map(({ status }) => status)
  assert.equal((await ask(ada, lab)).status, 200)
  assert.equal((await ask(lab.stranger(), lab)).status, 401)
  assert.equal((await ask(ada, lab, '/elsewhere/')).status, 403)
  const metrics = await (await fetch(lab.gateway.metricsUrl)).text()
  assert.match(
    metrics,
    /gatehouse_api_request_count_total\{[^}]*endpoint="\/auth\/verify\/\*"[^}]*status_code="200"[^}]*\} 1\n/,
  )
  assert.deepEqual(linesSoFar(), [401, 403])
})
