import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestSite, type TestSite } from '../identity.fixture.ts'
import { testProvider } from '../provider.contract.ts'
import { createLocalAccountStore, type LocalAccountStore } from './local/account-store.ts'
import { createPasswordHasher } from './local/password-hash.ts'
import { localDriver } from './local.ts'

const PASSWORD = 'CANARY correct horse'
/** Cheap, because these tests are not about how long it takes. */
const cheap = createPasswordHasher({ memoryKib: 64, passes: 1, lanes: 1 })

let site: TestSite
let accounts: LocalAccountStore

before(async () => {
  site = await createTestSite([{ id: 'sso', type: 'local', label: 'Lab account', groupsPrefix: 'local:' }])
  accounts = createLocalAccountStore(site.storage)
  const createdAt = site.clock.now()
  const passwordHash = await createPasswordHasher().hash(PASSWORD)
  const ada = { name: 'ada', displayName: 'Ada', email: 'ada@example.org', groups: ['lab'], passwordHash, createdAt }
  assert.ok(await accounts.add(ada))
  assert.ok(await accounts.add({ ...ada, name: 'old', passwordHash: await cheap.hash(PASSWORD) }))
  assert.ok(await accounts.add({ ...ada, name: 'gone', disabledAt: createdAt }))
  assert.ok(await accounts.add({ ...ada, name: 'broken', passwordHash: 'no hash' }))
  assert.equal(await accounts.add(ada), false, 'a name is taken once')
})
after(() => site.close())

const createDriver = () =>
  localDriver.create(localDriver.config.parse({ id: 'sso', type: 'local', groupsPrefix: 'local:' }), {
    clock: site.clock,
    log: { debug() {}, info() {}, warn() {}, error() {}, child: () => assert.fail() },
    storage: site.storage,
    urlTo: (path) => `https://gate.test${path}`,
  })

testProvider('local', async () => ({
  provider: createDriver(),
  person: { username: 'ada', password: PASSWORD },
  close: async () => {},
}))

test('an account is who its row says', async () => {
  const browser = site.browser()
  const outcome = await browser.post('/auth/login/sso', { username: 'ada', password: PASSWORD, returnTo: '/jobs' })
  assert.deepEqual(outcome, { status: 303, location: 'https://gate.test/jobs' })
  const { provider, subject, username, displayName, email, groups } = (await browser.session())?.row ?? assert.fail()
  assert.deepEqual(
    { provider, subject, username, displayName, email, groups },
    {
      provider: 'sso',
      subject: 'ada',
      username: 'ada',
      displayName: 'Ada',
      email: 'ada@example.org',
      groups: ['local:lab'],
    },
  )
  assert.equal(site.counted.get('logins_total sso success'), 1)
})

test('every spelling of a name is the same account', async () => {
  for (const username of ['Ada', 'ADA', ' ada ', '\u00a0ada', 'ａｄａ', 'ⒶⒹⒶ']) {
    const browser = site.browser()
    await browser.post('/auth/login/sso', { username, password: PASSWORD })
    assert.equal((await browser.session())?.row.subject, 'ada', JSON.stringify(username))
  }
})

test('wrong name, wrong password, disabled and broken account get one answer', async () => {
  const outcomes = []
  for (const [username, password] of [
    ['ada', 'wrong'],
    ['nobody', 'wrong'],
    ['gone', PASSWORD],
    ['broken', PASSWORD],
    ['../ada', PASSWORD],
  ]) {
    const browser = site.browser()
    outcomes.push(await browser.post('/auth/login/sso', { username: username ?? '', password: password ?? '' }))
    assert.equal(await browser.session(), undefined)
    assert.equal(browser.cookies.size, 0)
  }
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0])
  assert.equal(outcomes[0]?.status, 401)
  assert.doesNotMatch(JSON.stringify(outcomes), /CANARY|nobody/)
})

test('a failed login is written down: the name if it is somebody’s, never the password', async () => {
  await site.browser().post('/auth/login/sso', { username: 'ada', password: PASSWORD })
  site.audited.length = 0
  site.logged.length = 0
  const nobody = `mallory\n\u001b[31m${'x'.repeat(200)}`
  for (const username of ['ada', nobody]) {
    await site.browser().post('/auth/login/sso', { username, password: 'CANARY-typed' })
  }
  const failures = site.audited.filter(({ action }) => action === 'login.failed')
  assert.deepEqual(
    failures.map(({ detail }) => detail?.username),
    ['ada', undefined],
  )
  assert.doesNotMatch(JSON.stringify([site.audited, site.logged]), /mallory/)
  assert.doesNotMatch(JSON.stringify([site.audited, site.logged]), /CANARY/)
})

test('an account disabled between two logins is out', async () => {
  const login = async () =>
    (await site.browser().post('/auth/login/sso', { username: 'ada', password: PASSWORD })).status
  assert.equal(await login(), 303)
  await accounts.setDisabledAt('ada', site.clock.now())
  assert.equal(await login(), 401)
  await accounts.setDisabledAt('ada', undefined)
  assert.equal(await login(), 303)
})

test('a hash made at another cost is made anew at the next login, and only with the right password', async () => {
  const hashOf = async (): Promise<string> => (await accounts.find('old'))?.passwordHash ?? ''
  const before = await hashOf()
  assert.match(before, /m=64,t=1,p=1/)
  await site.browser().post('/auth/login/sso', { username: 'old', password: 'wrong' })
  assert.equal(await hashOf(), before)
  await site.browser().post('/auth/login/sso', { username: 'old', password: PASSWORD })
  assert.match(await hashOf(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  const browser = site.browser()
  await browser.post('/auth/login/sso', { username: 'old', password: PASSWORD })
  assert.equal((await browser.session())?.row.subject, 'old')
})
