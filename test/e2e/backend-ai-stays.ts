// What people of the Web UI do once they are in, what becomes of a login that ends meanwhile, and what the page may run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BackendAiLab } from '../backend-ai/backend-ai-lab.ts'
import { ask } from '../support/backend-ai/index.ts'
import { createClient } from '../support/http-client.ts'
import { EXTENSION_MS, password, type WebUiDoor } from './backend-ai-door.ts'

export function testStays(door: WebUiDoor): void {
  const isOld = door.profile === '26.2'

  test('extends the login, and tells until when', async () => {
    const began = Math.floor(Date.now() / 1000) * 1000
    const ada = await door.openLoggedIn('ada@example.org')
    const session = await ada.storedSession()
    const extended = ada.page.waitForResponse('**/server/extend-login-session')
    await ada.page.click('#extend')
    const { status, expires } = (await (await extended).json()) as { status: number; expires: string }
    assert.equal(status, 201)
    assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/)
    const lastsMs = Date.parse(expires) - EXTENSION_MS
    assert.ok(lastsMs >= began && lastsMs <= Date.now(), expires)
    await ada.reads(expires)
    assert.equal(await ada.storedSession(), session)
    const cookie = await ada.sessionCookie()
    assert.ok(Math.abs((cookie?.expires ?? 0) * 1000 - Date.parse(expires)) < 5000, String(cookie?.expires))
  })

  test('watches a task with its cookie alone, as each event comes', async () => {
    const ada = await door.openLoggedIn('ada@example.org')
    await ada.page.click('#watch-task')
    await ada.reads('bgtask_updated {"task_id":"task-1","current_progress":0,"total_progress":1}')
    const [watching] = door.lab.manager.requests.filter(
      ({ target }) => target === '/events/background-task?task_id=task-1',
    )
    assert.equal(watching?.verified, true)
    door.lab.manager.events.publish('bgtask_done', { message: 'ok' })
    await ada.reads('bgtask_done {"message":"ok"}')
    await door.lab.manager.events.whenListeners(0)
  })

  test('changes the password with what nobody can read along', async () => {
    const visitor = await door.openLoggedIn('lost@example.org')
    const sent = visitor.page.waitForRequest('**/func/auth/update-password')
    await visitor.page.fill('#old', password)
    await visitor.page.fill('#wanted', 'CANARY-other')
    await visitor.page.click('#change')
    await visitor.reads('The password has been changed.')
    assert.doesNotMatch((await sent).postData() ?? '', /CANARY/)
    assert.equal(door.lab.manager.accounts.get('lost@example.org').password, 'CANARY-other')
  })

  test('a session that ended elsewhere: what is open ends, nothing is answered, and the form lets in again', async () => {
    const ada = await door.openLoggedIn('ada@example.org')
    const session = (await ada.storedSession()) ?? ''
    await ada.page.click('#watch-task')
    await door.lab.manager.events.whenListeners(1)
    const endedAt = performance.now()
    if (isOld) assert.equal((await door.askAs(session, '/server/logout', 'POST')).status, 200)
    else await endAtManager(door.lab, session)
    await door.lab.manager.events.whenListeners(0)
    assert.ok(performance.now() - endedAt < 5000, 'long before a quiet stream is given up')
    const refused = ada.page.waitForResponse('**/server/extend-login-session')
    await ada.page.click('#extend')
    assert.equal((await refused).status(), 401)

    await ada.page.reload()
    await ada.reaches('login')
    assert.equal(await ada.storedSession(), session, 'the page goes on naming it')
    await ada.logIn('ada@example.org', password)
    await ada.reaches('start')
    const next = await ada.storedSession()
    assert.notEqual(next, session)
    assert.equal((await ada.sessionCookie())?.value, next)
  })

  test('two people in two browsers are two people', async () => {
    const [ada, grace] = [await door.openLoggedIn('ada@example.org'), await door.openLoggedIn('grace@example.org')]
    for (const visitor of [ada, grace]) await visitor.page.reload()
    for (const visitor of [ada, grace]) await visitor.reaches('start')
    assert.equal(await ada.textOf('#user'), 'ada@example.org')
    assert.equal(await grace.textOf('#user'), 'grace@example.org')
    await ada.page.click('#log-out')
    await ada.reaches('login')
    await grace.page.reload()
    await grace.reaches('start')
  })

  test('says so when there is no Manager', async (t) => {
    t.after(door.lab.manager.disturb({ kind: 'hang up' }))
    const visitor = await door.open()
    await visitor.reaches('unreachable')
    await visitor.reads('The endpoint is unreachable.')
  })

  test('runs nothing that its policy does not name', async () => {
    const visitor = await door.openForm()
    const { status, headers, text } = await createClient(door.lab.gateway.url).get('/')
    const [, nonce = ''] = /nonce="([^"]*)"/.exec(text) ?? []
    const scripts = isOld ? "'self'" : `'nonce-${nonce}'`
    assert.equal(status, 200)
    assert.equal(
      headers['content-security-policy'],
      `default-src 'self'; img-src 'self' data:; script-src ${scripts}; object-src 'none'; frame-ancestors 'none'; form-action 'self';`,
    )
    assert.match(nonce, isOld ? /^\{\{nonce\}\}$/ : /^[\w+/=-]{22,}$/)
    // As text that an attacker gets into the page would.
    await visitor.page.evaluate(`
      const script = document.createElement('script')
      script.textContent = 'document.title = "ran"'
      document.body.append(script)
    `)
    assert.equal(await visitor.page.title(), 'Web UI')
    assert.match(door.complaints.splice(0).join(), /inline script/)
  })
}

/** As the Manager does when somebody logs in elsewhere, or an administrator ends the login. */
async function endAtManager({ manager }: BackendAiLab, session: string): Promise<void> {
  const body = JSON.stringify({ session_token: session })
  const { status } = await ask(`${manager.url}/auth/logout`, { method: 'POST', body })
  assert.equal(status, 200)
}
