import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { openBrowser, type Page, type TestBrowser } from '../../browser.ts'
import { isMissing } from '../../programs.ts'
import { type ManagerAccount, type ManagerOptions, startManager } from '../index.ts'
import { oneTimeCode } from '../totp.ts'
import { startTestFront } from './test-front/front.ts'

const opened = await openBrowser()
const skip = isMissing(opened) ? opened.missing : false

const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const password = 'CANARY-password'
const accounts: readonly ManagerAccount[] = [
  { username: 'ada@example.org', password, maxConcurrentLogins: 1 },
  { username: 'code@example.org', password, totp: secret },
  { username: 'new@example.org', password, totp: 'register' },
  { username: 'old@example.org', password, passwordExpiredOn: '2026-03-01' },
  { username: 'monitor@example.org', password, role: 'monitor' },
  { username: 'sso@example.org', password, signInToken: 'CANARY-sToken' },
]

async function open(
  version: NonNullable<ManagerOptions['version']>,
  { path = '/', passesStatus = version !== '26.2' } = {},
) {
  const manager = await startManager({ version, accounts })
  const front = await startTestFront({ manager, passesStatus })
  const page = await (opened as TestBrowser).newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(front.url + path)
  const close = async () => {
    await page.context().close()
    await front[Symbol.asyncDispose]()
    await manager.close()
  }
  return { manager, front, page, [Symbol.asyncDispose]: close }
}

const state = (page: Page, name: string) => page.locator(`body[data-state=${name}]`).waitFor()

async function logIn(page: Page, username: string, sent = password): Promise<void> {
  await page.fill('#username', username)
  await page.fill('#password', sent)
  await page.click('#log-in')
}

const message = (page: Page) => page.locator('#message').textContent()

describe('the page', { skip, timeout: 120_000 }, () => {
  after(() => (opened as TestBrowser).close())

  test('calls in the order of the Web UI, with its headers', async () => {
    await using lab = await open('26.2')
    const { page, front, manager } = lab
    await state(page, 'login')
    const names = () => front.calls.map(({ call }) => call)
    const atLoad = ['GET /config.toml', 'GET /func/', 'POST /server/login-check', 'POST /server/login']
    assert.deepEqual(names(), atLoad)
    const [, ping, check, attempt] = front.calls
    assert.deepEqual([ping?.headers.credentials, ping?.headers.mode], ['include', 'cors'])
    assert.equal(check?.headers['x-backendai-version'], 'v9.20250722')
    assert.equal(check?.headers['content-type'], 'application/json')
    assert.ok(!Number.isNaN(Date.parse(String(check?.headers['x-backendai-date']))))
    assert.deepEqual(JSON.parse(attempt?.body ?? ''), { username: '', password: '' })

    await logIn(page, 'ada@example.org')
    await state(page, 'start')
    const gql = 'POST /func/admin/gql'
    assert.deepEqual(names().slice(4), [
      'POST /server/login',
      'GET /func/',
      'POST /server/login-check',
      gql,
      gql,
      gql,
      'POST /server/extend-login-session',
    ])
    const stored = await page.evaluate(() => localStorage.getItem('backendaiwebui.sessionid'))
    assert.equal(front.calls.at(-1)?.headers['x-backendai-sessionid'], stored)
    const ada = manager.accounts.get('ada@example.org')
    assert.equal(await page.locator('#access-key').textContent(), ada.accessKey)
    assert.equal(await page.locator('#groups').textContent(), 'default')
    assert.equal(manager.counts.disproved, 0)

    await page.reload()
    await state(page, 'start')
    await page.click('#log-out')
    await state(page, 'login')
    assert.deepEqual([front.calls.at(-1)?.call, front.calls.at(-1)?.body], ['POST /server/logout', '{}'])
    assert.equal(await page.evaluate(() => localStorage.getItem('backendaiwebui.sessionid')), null)
  })

  for (const version of ['26.2', '26.8'] as const) {
    test(`understands each outcome of a login as in ${version}`, async () => {
      await using lab = await open(version)
      const { page, manager } = lab
      await state(page, 'login')
      await logIn(page, 'ada@example.org', 'wrong')
      await page.getByText('Name or password is wrong.').waitFor()

      await logIn(page, 'monitor@example.org')
      await page.getByText('Monitors cannot log in here.').waitFor()

      await logIn(page, 'old@example.org')
      await state(page, 'password-expired')
      await page.fill('#new-password', 'CANARY-other')
      await page.click('#replace-password')
      await state(page, 'login')
      assert.equal(manager.accounts.get('old@example.org').password, 'CANARY-other')

      await logIn(page, 'new@example.org')
      await state(page, 'register')
      await page.waitForFunction('document.getElementById("totp-key").textContent !== ""')
      const key = (await page.locator('#totp-key').textContent()) ?? ''
      await page.fill('#register-otp', oneTimeCode(key, Date.now()))
      await page.click('#activate')
      await page.getByText('The second factor is set up.').waitFor()

      await logIn(page, 'code@example.org')
      await state(page, 'second-factor')
      await page.fill('#otp', '000000')
      await page.click('#log-in')
      await page.getByText('The one-time code is wrong.').waitFor()
      await page.fill('#otp', manager.accounts.oneTimeCode('code@example.org'))
      await page.click('#log-in')
      await state(page, 'start')
    })
  }

  test('of 26.2 does not understand a failed login that is not 200', async () => {
    await using lab = await open('26.2', { passesStatus: true })
    await state(lab.page, 'login')
    await logIn(lab.page, 'ada@example.org', 'wrong')
    await lab.page.getByText('No manager found.').waitFor()
  })

  test('says that there are too many logins, and ends another if told to (26.4)', async () => {
    await using lab = await open('26.4')
    const { page, manager } = lab
    await state(page, 'login')
    manager.accounts.get('ada@example.org').logins.push('elsewhere')
    await logIn(page, 'ada@example.org')
    await page.getByText('There are too many logins of this user.').waitFor()
    await page.check('#force')
    await page.click('#log-in')
    await state(page, 'start')
    assert.ok(!manager.accounts.get('ada@example.org').logins.includes('elsewhere'))
  })

  for (const vendor of ['saml', 'openid']) {
    test(`leaves for ${vendor}, comes back with a token, and logs in with it`, async () => {
      await using lab = await open('26.2')
      const { page, front, manager } = lab
      await state(page, 'login')
      await page.click(`#sso-${vendor}`)
      await state(page, 'start')
      assert.ok(front.calls.some(({ call }) => call === 'POST /server/token-login'))
      assert.equal(await page.locator('#user').textContent(), 'sso@example.org')
      assert.equal(manager.counts.byRoute.get(`POST /${vendor}/login`), 1)
      assert.equal(new URL(page.url()).search, '')
    })
  }

  test('extends, watches a task with cookies only, and changes the password hidden', async () => {
    await using lab = await open('26.2')
    const { page, front, manager } = lab
    await state(page, 'login')
    await logIn(page, 'ada@example.org')
    await state(page, 'start')
    await page.click('#extend')
    await page.getByText('2026-11-28T07:46:07+00:00').waitFor()

    await page.click('#watch-task')
    await manager.events.whenListeners(1)
    manager.events.publish('bgtask_done', { message: 'ok' })
    await page.getByText('bgtask_done {"message":"ok"}').waitFor()
    await manager.events.whenListeners(0)
    const watching = front.calls.find(({ call }) => call.includes('background-task'))
    assert.equal(watching?.call, 'GET /func/events/background-task?task_id=task-1')
    assert.deepEqual(
      [watching?.headers['x-backendai-sessionid'], typeof watching?.headers.cookie],
      [undefined, 'string'],
    )

    await page.fill('#old', password)
    await page.fill('#wanted', 'CANARY-other')
    await page.click('#change')
    await page.getByText('The password has been changed.').waitFor()
    assert.equal(front.calls.at(-1)?.headers['x-backendai-encoded'], 'true')
  })

  test('says so when there is no Manager', async () => {
    await using lab = await open('26.2', { path: '/config.toml' })
    const { page, front, manager } = lab
    manager.disturb({ kind: 'answer', status: 200, body: '{}' })
    await page.goto(front.url)
    await state(page, 'unreachable')
    assert.equal(await message(page), 'The endpoint is unreachable.')
  })
})

describe('an encoded body', () => {
  // Of the protocol's description, all with the vector ABCDEFGHIJKLMNOP.
  const vectors = [
    [
      'https://console.example.com',
      '{"username":"user@example.com","password":"päss"}',
      'VBYQ3zn/6jBMq7fhevGu7VoEqGwLj/Qfak2axrKxvx96WI3ojgEgleZvFspCIGm13nfuLNFrTWDap8YOkQXAlA==',
    ],
    ['http://a', '{"a":1}', '/Wft/J1VX9za6ocD9yRrPQ=='],
    [
      'http://127.0.0.1:8090',
      '{"username":"admin@lablup.com","password":"wJalrXUt"}',
      'VuoFsg8XR+t+5Yokb+RNQLhQ5RGEJovcvngDE1V5t+9zTfYW8BYVBFeajG8BmdUeIm7RUuWE9wGoKlJyc9bfOw==',
    ],
  ] as const
  for (const [endpoint, text, expected] of vectors) {
    test(`for ${endpoint}`, async () => {
      const module = new URL('./site/dist/components/encoded-body.js', import.meta.url).href
      const { encodeBody } = (await import(module)) as { encodeBody: (...args: string[]) => Promise<string> }
      assert.equal(await encodeBody(endpoint, text, 'ABCDEFGHIJKLMNOP'), `ABCDEFGHIJKLMNOP:${expected}`)
    })
  }
})
