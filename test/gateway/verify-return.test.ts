// Back to what a proxy in front serves, over a login, where the gateway has a base path or the service a port of its own.
// `/auth/return` leads to our own host and to the hosts of the services, and nowhere else (security.md R1).

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findFreePort } from '../support/programs.ts'
import { type Lab, startLab } from './lab.ts'

const BROWSER = { accept: 'text/html' }

let lab: Lab
let own: string

before(async () => {
  const port = await findFreePort()
  own = `http://127.0.0.1:${port}`
  const services = [
    { id: 'wiki', path: '/wiki/', allow: ['group:lab'] },
    { id: 'other', host: '127.0.0.1:9443', path: '/', allow: ['group:lab'] },
  ]
  lab = await startLab({
    config: {
      server: { url: `${own}/gate`, listen: `127.0.0.1:${port}`, trustedProxies: ['127.0.0.1'] },
      verify: { services },
    },
  })
})
after(() => lab[Symbol.asyncDispose]())

/** Asks as a proxy would, logs in where that leads, and goes on to the end. @returns where the person arrives */
async function arriveAt(host: string, uri: string): Promise<string> {
  const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-host': host, 'x-forwarded-uri': uri }
  const sent = await lab.stranger().get('/auth/verify', { ...BROWSER, ...asked })
  const login = new URL(String(sent.headers.location))
  assert.deepEqual([sent.status, login.origin, login.pathname], [303, own, '/gate/auth/login'])
  const ada = lab.stranger()
  const returnTo = login.searchParams.get('returnTo') ?? ''
  const loggedIn = await ada.post('/auth/login/local', { ...(await lab.account('ada')), returnTo })
  const step = new URL(String(loggedIn.headers.location), own)
  assert.deepEqual([loggedIn.status, step.origin, step.pathname], [303, own, '/gate/auth/return'])
  const back = await ada.get(step.href)
  assert.equal(back.status, 303)
  return String(back.headers.location)
}

test('people arrive where they wanted to go, beside the base path and on another port', async () => {
  assert.equal(await arriveAt(new URL(own).host, '/wiki/a?x=1&y=%2F'), `${own}/wiki/a?x=1&y=%2F`)
  assert.equal(await arriveAt('127.0.0.1:9443', '/d/1'), 'http://127.0.0.1:9443/d/1')
  assert.equal(await arriveAt('127.0.0.1:9443', `/${'x'.repeat(1500)}`), 'http://127.0.0.1:9443/')
})

test('the way back leads to no other host', async () => {
  const hosts = [own, 'http://127.0.0.1:9443']
  for (const host of hosts) {
    for (const path of ['/', '/wiki/', '/a?b=https://evil.test', '/gate/']) {
      const { headers } = await lab.stranger().get(`/auth/return?to=${encodeURIComponent(host + path)}`)
      assert.equal(headers.location, host + path)
    }
  }
  const hostile = [
    '',
    '/',
    '/wiki/',
    '//evil.test',
    'https://evil.test/',
    'http://evil.test/',
    'HTTP://127.0.0.1:9443/',
    'javascript:alert(1)',
    'data:text/html,x',
    ...hosts.flatMap((host) => [
      host,
      `${host}.evil.test/`,
      `${host}@evil.test/`,
      `${host}:80@evil.test/`,
      `${host}\\@evil.test/`,
      `${host}/\\evil.test`,
      `${host}//evil.test/`,
      `${host}/..//evil.test`,
      `${host}/%2e%2e//evil.test`,
      `${host}/%5cevil.test`,
      `${host}/\r\nLocation: https://evil.test`,
      `${host}/%0d%0aLocation:%20https://evil.test`,
      `${host}/a b`,
      `${host}/#x`,
      `${host}/\u2028x`,
      ` ${host}/`,
      `\t${host}/`,
      host.replace('http:', 'https:'),
      host.replace('http://', 'http:/\\'),
      host.replace('127.0.0.1', '127.1'),
      host.replace(/:\d+$/, ':1/'),
    ]),
  ]
  for (const value of hostile) {
    const answer = await lab.stranger().get(`/auth/return?to=${encodeURIComponent(value)}`)
    assert.deepEqual([answer.status, answer.headers.location], [303, '/gate/'], JSON.stringify(value))
  }
  const twice = await lab.stranger().get(`/auth/return?to=${encodeURIComponent(`${own}/`)}&to=https://evil.test/`)
  assert.equal(twice.status, 400)
})

test('a login carries it like any other place: what leads elsewhere leads home', async () => {
  for (const to of ['https://evil.test/', '//evil.test', `${own}@evil.test/`]) {
    const ada = lab.stranger()
    const returnTo = `/auth/return?to=${encodeURIComponent(to)}`
    const loggedIn = await ada.post('/auth/login/local', { ...(await lab.account('ada')), returnTo })
    const back = await ada.get(new URL(String(loggedIn.headers.location), own).href)
    assert.deepEqual([back.status, back.headers.location], [303, '/gate/'])
  }
})
