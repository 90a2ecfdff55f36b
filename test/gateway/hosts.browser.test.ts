// In a real browser: a page of a service on a host of its own, hostile in every way that a script can be, reaches neither
// the portal's API, nor its cookie, nor its WebSockets, nor another host. The people who use it notice nothing.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { isMissing } from '../support/programs.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type HostLab, hostNames, startHostLab } from './host-lab.ts'

const PAGE = '<!doctype html><title>Notes</title><h1>Notes</h1>'

/** Behind the portal and a host that is no sibling: what no page of another host may reach. */
let guarded: RecordingUpstream
let plots: EchoUpstream
let notes: RecordingUpstream
let lab: HostLab
let page: Page

const found = await openBrowser()

const start = async (): Promise<void> => {
  guarded = await startRecordingUpstream()
  plots = await startEchoUpstream()
  notes = await startRecordingUpstream(() =>
    ok(
      PAGE,
      'content-type: text/html\r\nset-cookie: tossed=1; Path=/; Domain=lab.localhost\r\nclear-site-data: "cookies"\r\n',
    ),
  )
  const allow = ['group:lab']
  lab = await startHostLab({
    upstreams: [
      { to: notes.url, path: '/', host: hostNames.notes, trust: 'none', allow },
      { to: plots.url, path: '/', host: hostNames.plots, allow },
      { to: guarded.url, path: '/', host: hostNames.far, allow },
      { to: guarded.url, path: '/up/', allow },
    ],
  })
  page = await (found as TestBrowser).newPage()
}
const stop = async (): Promise<void> => {
  await (found as TestBrowser).close()
  await lab[Symbol.asyncDispose]()
  await Promise.all([guarded.close(), plots.close(), notes.close()])
}

/** Runs in the page; gives what came of it as text. */
const inPage = (script: string): Promise<string> => page.evaluate(`(async () => String(await (${script})()))()`)

const cookiesAt = async (origin: string) => {
  const cookies = await page.context().cookies(origin)
  return cookies.map(({ name }) => name).toSorted()
}

describe('a service on a host of its own, in a browser', {
  skip: isMissing(found) ? found.missing : false,
  timeout: 120_000,
}, () => {
  before(start)
  after(stop)

  test('a person who opens the address of a service logs in on the way and arrives there', async () => {
    const { username, password } = await lab.account('ada')
    await page.goto(`${lab.origins.notes}/deep/page?x=1`)
    assert.equal(new URL(page.url()).host, new URL(lab.origins.gate).host)
    await page.getByLabel('Name').fill(username)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.waitForURL(`${lab.origins.notes}/deep/page?x=1`)
    assert.equal(await page.getByRole('heading').textContent(), 'Notes')
    assert.deepEqual(await cookiesAt(lab.origins.notes), [
      '__Host-gatehouse-arrival',
      '__Host-gatehouse-host',
      'tossed',
    ])
  })

  test('its page finds no session in its cookies, and has set none for others', async () => {
    assert.equal(await inPage('() => document.cookie'), 'tossed=1')
    const atGate = await cookiesAt(lab.origins.gate)
    assert.ok(atGate.includes('__Host-gatehouse'), 'the portal’s session is still there')
    assert.ok(!atGate.includes('tossed') && !atGate.includes('__Host-gatehouse-host'))
  })

  test('its scripts cannot put a session cookie in the place of the portal’s', async () => {
    const before = await page.context().cookies(lab.origins.gate)
    await inPage(`() => {
    for (const name of ['__Host-gatehouse', '__Host-gatehouse-host', '__Secure-gatehouse']) {
      document.cookie = name + '=tossed; Secure; Path=/; Domain=lab.localhost'
      document.cookie = name + '=tossed; Secure; Path=/'
    }
  }`)
    const session = (name: string, all: typeof before) => all.find((cookie) => cookie.name === name)?.value
    const after = await page.context().cookies(lab.origins.gate)
    assert.equal(session('__Host-gatehouse', after), session('__Host-gatehouse', before))
    const here = await page.context().cookies(lab.origins.notes)
    assert.notEqual(session('__Host-gatehouse-host', here), 'tossed', 'nor its own, which no script may touch')
  })

  test('its scripts read nothing of the portal or of another host, whatever they try', async () => {
    const { gate, far, ...others } = lab.origins
    const tries = [`${gate}/api/v1/me`, `${gate}/up/data`, `${gate}/account`, `${others.plots}/data`, `${far}/data`]
    for (const url of tries) {
      for (const init of [
        '{credentials:"include"}',
        '{credentials:"include",mode:"no-cors"}',
        '{method:"POST",credentials:"include",mode:"no-cors"}',
      ]) {
        const seen = guarded.requests.length
        const outcome = await inPage(
          `async () => { try { const a = await fetch(${JSON.stringify(url)}, ${init}); return a.type + a.status + await a.text() } catch { return 'refused' } }`,
        )
        assert.ok(outcome === 'refused' || outcome === 'opaque0', `${url} ${init}: ${outcome}`)
        assert.equal(guarded.requests.length, seen, `${url} ${init} went on to the service`)
      }
    }
  })

  test('its scripts load nothing from there as a picture, a script, a frame or a form', async () => {
    const seen = guarded.requests.length
    const outcome = await inPage(`async () => {
    const load = (tag, property) => new Promise((resolve) => {
      const element = document.createElement(tag)
      element.onload = () => resolve(tag + ' loaded')
      element.onerror = () => resolve(tag + ' refused')
      element[property] = '${lab.origins.gate}/up/data'
      document.body.append(element)
    })
    return [await load('img', 'src'), await load('script', 'src')].join()
  }`)
    assert.equal(outcome, 'img refused,script refused')
    const framed = page.waitForResponse(`${lab.origins.gate}/up/framed`)
    await inPage(
      `() => { const f = document.createElement('iframe'); f.src = '${lab.origins.gate}/up/framed'; document.body.append(f) }`,
    )
    assert.equal((await framed).status(), 403)
    const posted = page.waitForResponse(`${lab.origins.gate}/up/posted`)
    await inPage(`() => {
    const frame = document.createElement('iframe')
    frame.name = 'target'
    const form = document.createElement('form')
    Object.assign(form, { method: 'post', action: '${lab.origins.gate}/up/posted', target: 'target' })
    document.body.append(frame, form)
    form.submit()
  }`)
    assert.equal((await posted).status(), 403)
    assert.equal(guarded.requests.length, seen)
  })

  test('its scripts open no WebSocket but its own', async () => {
    const open = (url: string) =>
      inPage(`() => new Promise((resolve) => {
      const socket = new WebSocket('${url.replace('http', 'ws')}')
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })`)
    assert.equal(await open(`${lab.origins.gate}/up/socket`), 'refused')
    assert.equal(await open(`${lab.origins.plots}/socket`), 'refused')
    assert.equal(plots.handshakes.length, 0)
  })

  test('its scripts get no ticket, neither in the background nor in a frame', async () => {
    const entry = `${lab.origins.gate}/auth/host?host=${hostNames.plots}&challenge=${'A'.repeat(43)}&path=/`
    await inPage(`() => fetch('${entry}', { credentials: 'include', mode: 'no-cors' }).catch(() => {})`)
    const asked = lab.gateway.logs.findLast(({ path }) => path === '/auth/host')
    assert.equal(asked?.status, 403)
    const framed = page.waitForResponse((answer) => answer.url() === `${entry}&framed`)
    await inPage(
      `() => { const f = document.createElement('iframe'); f.src = '${entry}&framed'; document.body.append(f) }`,
    )
    assert.equal((await framed).status(), 403)
  })

  test('a host that is trusted works as a service does: fetch, form, WebSocket, on its own origin', async () => {
    await page.goto(`${lab.origins.plots}/page`)
    assert.equal(new URL(page.url()).origin, lab.origins.plots)
    assert.equal(await inPage(`async () => (await fetch('/data', { method: 'POST', body: 'x' })).status`), '200')
    const said = await inPage(`() => new Promise((resolve) => {
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket')
    socket.onopen = () => socket.send('hello')
    socket.onmessage = ({ data }) => resolve(data)
    socket.onclose = ({ code }) => resolve(code)
  })`)
    assert.equal(said, 'hello')
  })

  test('a logout at the portal closes what is open there, and the next page asks for a login', async () => {
    await page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket')
    socket.onopen = resolve
    globalThis.endOfSocket = new Promise((tell) => { socket.onclose = ({ code }) => tell(code) })
  })`)
    const portal = await page.context().newPage()
    await portal.goto(`${lab.origins.gate}/account`)
    await portal.getByRole('button', { name: 'Log out' }).first().click()
    assert.equal(await page.evaluate('globalThis.endOfSocket'), 4401)
    await page.goto(`${lab.origins.far}/`)
    assert.match(page.url(), /\/auth\/login\?/)
    await page.goto(`${lab.origins.plots}/`)
    assert.match(page.url(), /\/auth\/login\?/)
  })
})
