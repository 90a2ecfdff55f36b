// The ways in and out that people of the Web UI know: by name and password, with a second factor, by single sign-on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneTimeCode } from '../support/backend-ai/totp.ts'
import { waitUntil } from '../support/programs.ts'
import { AT_LOAD, AT_START, password, type WebUiDoor } from './backend-ai-door.ts'

export function testLogins(door: WebUiDoor): void {
  const { profile } = door
  const isOld = profile === '26.2'

  test('logs in with what nobody can read along, shows who it is, stays, and logs out', async () => {
    const ada = await door.openForm()
    assert.deepEqual(ada.calls, [...AT_LOAD, 'POST /server/login'])
    const asked = ada.page.waitForRequest('**/func/')
    const sent = ada.page.waitForRequest('**/server/login')
    const extending = ada.page.waitForRequest('**/server/extend-login-session')
    await ada.logIn('ada@example.org', password)
    assert.equal((await sent).headers()['x-backendai-encoded'], 'true')
    assert.doesNotMatch((await sent).postData() ?? '', /ada@|CANARY/)
    await ada.reaches('start')
    assert.deepEqual(ada.calls.slice(4), ['POST /server/login', ...AT_START])
    const person = door.lab.manager.accounts.get('ada@example.org')
    assert.deepEqual(await Promise.all(['#user', '#role', '#access-key', '#groups'].map(ada.textOf)), [
      person.username,
      'user',
      person.accessKey,
      'default',
    ])
    const session = await ada.storedSession()
    assert.match(session ?? '', /^[0-9a-f]{32}$/)
    const { credentials, mode } = (await asked).headers()
    assert.deepEqual([credentials, mode], ['include', 'cors'])
    const { 'x-backendai-version': version, 'x-backendai-sessionid': named } = (await extending).headers()
    assert.deepEqual([version, named], ['v9.20250722', session])
    const cookie = await ada.sessionCookie()
    assert.deepEqual([cookie?.value, cookie?.httpOnly, cookie?.path], [session, true, '/'])
    if (!isOld) assert.deepEqual(person.logins, [session])
    assert.equal(door.lab.manager.counts.disproved, 0)

    await ada.page.reload()
    await ada.reaches('start')
    assert.deepEqual(ada.calls.slice(4 + 1 + AT_START.length), [...AT_LOAD, ...AT_START])
    assert.equal(await ada.storedSession(), session)

    await ada.page.click('#log-out')
    await ada.reaches('login')
    assert.deepEqual([await ada.storedSession(), await ada.sessionCookie()], [null, undefined])
    assert.equal((await door.askAs(session ?? '', '/func/folders')).status, 401)
    assert.deepEqual(person.logins, [])
    await ada.page.reload()
    await ada.reaches('login')
  })

  test('says that name or password is wrong, and then lets the person in', async () => {
    const grace = await door.openForm()
    const answered = grace.page.waitForResponse('**/server/login')
    await grace.logIn('grace@example.org', 'CANARY-wrong')
    await grace.reads('Name or password is wrong.')
    assert.equal((await answered).status(), isOld ? 200 : 401)
    assert.deepEqual([await grace.storedSession(), await grace.sessionCookie()], [null, undefined])
    await grace.logIn('grace@example.org', password)
    await grace.reaches('start')
  })

  test('says that there were too many attempts, also to whoever then knows the password', async () => {
    const mallory = await door.openForm()
    for (let attempt = 0; attempt < 5; attempt++) {
      const answered = mallory.page.waitForResponse('**/server/login')
      await mallory.logIn('mallory@example.org', `CANARY-wrong-${attempt}`)
      await (await answered).finished()
    }
    await mallory.logIn('mallory@example.org', password)
    await mallory.reads('Too many failed attempts. Try again later.')
  })

  test('asks for a one-time code, says that one is wrong, and takes the right one', async () => {
    const visitor = await door.openForm()
    await visitor.logIn('code@example.org', password)
    await visitor.reaches('second-factor')
    await visitor.reads('A one-time code is needed.')
    await visitor.page.fill('#otp', '000000')
    await visitor.page.click('#log-in')
    await visitor.reads('The one-time code is wrong.')
    await visitor.page.fill('#otp', door.lab.manager.accounts.oneTimeCode('code@example.org'))
    await visitor.page.click('#log-in')
    await visitor.reaches('start')
  })

  test('has a second factor set up before the first login, and asks for it then', async () => {
    const visitor = await door.openForm()
    await visitor.logIn('new@example.org', password)
    await visitor.reaches('register')
    const key = await visitor.textOnceIn('#totp-key')
    await visitor.page.fill('#register-otp', '000000')
    await visitor.page.click('#activate')
    await visitor.reads('Failed to validate OTP')
    await visitor.page.fill('#register-otp', oneTimeCode(key, Date.now()))
    await visitor.page.click('#activate')
    await visitor.reads('The second factor is set up.')
    await visitor.logIn('new@example.org', password)
    await visitor.reaches('second-factor')
    await visitor.page.fill('#otp', oneTimeCode(key, Date.now()))
    await visitor.page.click('#log-in')
    await visitor.reaches('start')
  })

  test('has a password that expired replaced', async () => {
    const visitor = await door.openForm()
    await visitor.logIn('old@example.org', password)
    await visitor.reaches('password-expired')
    await visitor.page.fill('#new-password', 'CANARY-other')
    await visitor.page.click('#replace-password')
    await visitor.reads('The password has been changed.')
    await visitor.logIn('old@example.org', 'CANARY-other')
    await visitor.reaches('start')
  })

  test('logs a monitor out at once', async () => {
    const visitor = await door.openForm()
    await visitor.logIn('monitor@example.org', password)
    await visitor.reads('Monitors cannot log in here.')
    assert.deepEqual([await visitor.storedSession(), await visitor.sessionCookie()], [null, undefined])
  })

  for (const vendor of ['saml', 'openid']) {
    test(`leaves for ${vendor}, comes back with a token, and logs in with it`, async () => {
      const visitor = await door.openForm()
      await visitor.page.click(`#sso-${vendor}`)
      await visitor.reaches('start')
      assert.deepEqual(visitor.calls.slice(4), [
        `POST /func/${vendor}/login`,
        ...AT_LOAD,
        'POST /server/token-login',
        ...AT_START,
      ])
      assert.equal(await visitor.textOf('#user'), 'sso@example.org')
      assert.equal(visitor.page.url(), `${door.lab.gateway.url}/`)
    })
  }

  test('comes back from another site by a form, as SAML does, and logs in', async () => {
    const { url } = door.lab.gateway
    const visitor = await door.open()
    // In place of the page of a login provider, on which the browser submits what it has to bring.
    await visitor.page.route('http://provider.test/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${url}/func/saml/login"><input name="redirect_to" value="${url}/"><button>Go on`,
      }),
    )
    await visitor.page.goto('http://provider.test/')
    await visitor.page.getByRole('button').click()
    await visitor.reaches('start')
    assert.equal(await visitor.textOf('#user'), 'sso@example.org')
  })

  test('logs in with a token in the address, and not with one that is wrong', async () => {
    const stranger = await door.open('/?sToken=CANARY-wrong')
    await stranger.reads('Name or password is wrong.')
    const visitor = await door.open('/?sToken=CANARY-sToken')
    await visitor.reaches('start')
    assert.equal(await visitor.textOf('#user'), 'sso@example.org')
    assert.equal((await visitor.sessionCookie())?.value, await visitor.storedSession())
  })

  if (!isOld) {
    test('says that there are too many logins, and ends another if told to', async () => {
      const elsewhere = await door.openLoggedIn('few@example.org')
      const here = await door.openForm()
      const answered = here.page.waitForResponse('**/server/login')
      await here.logIn('few@example.org', password)
      await here.reads('There are too many logins of this user.')
      assert.equal((await answered).status(), 409)
      await here.page.check('#force')
      await here.page.click('#log-in')
      await here.reaches('start')
      // What the Manager's store said last is believed for a second.
      await waitUntil(async () => {
        await elsewhere.page.reload()
        await elsewhere.page.locator('body[data-state=start], body[data-state=login]').waitFor()
        return (await elsewhere.page.locator('body[data-state=login]').count()) === 1
      })
    })
  }

  if (profile === '26.8') {
    test('says that the Manager has shut somebody out', async () => {
      const visitor = await door.openForm()
      const answered = visitor.page.waitForResponse('**/server/login')
      await visitor.logIn('blocked@example.org', password)
      assert.equal((await answered).status(), 429)
      await visitor.reads('Too many failed attempts. Try again later.')
    })
  }
}
