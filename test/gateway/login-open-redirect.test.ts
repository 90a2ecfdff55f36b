// Where the gateway sends a browser around a login and a logout (security.md R1), over HTTP: whatever a link, a form or a
// cookie says, a browser that follows stays on this origin.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { TestAnswer } from '../support/http-client.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const hostile = [
  '//evil.test',
  '///evil.test',
  '////evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  '\\/evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/\r\n/evil.test',
  '\t//evil.test',
  ' //evil.test',
  '\u00a0//evil.test',
  '/%09/evil.test',
  '/%0a/evil.test',
  '/%0d%0aLocation:%20https://evil.test',
  '/\r\nLocation: https://evil.test',
  '/ok\r\nSet-Cookie: a=b',
  '/%2f/evil.test',
  '/%2F%2Fevil.test',
  '%2f%2fevil.test',
  '/%5cevil.test',
  '/%5c%5cevil.test',
  '/%252f/evil.test',
  '/%255cevil.test',
  '/.//evil.test',
  '/..//evil.test',
  '/a/..//evil.test',
  '/%2e%2e//evil.test',
  '/;//evil.test',
  'https://evil.test',
  'https:evil.test',
  'https:/evil.test',
  'HTTPS://evil.test',
  'ht\ntps://evil.test',
  'http://evil.test',
  'javascript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,x',
  '//127.0.0.1@evil.test',
  '//127.0.0.1:80@evil.test',
  '@evil.test',
  '.evil.test',
  ':80/x',
  '?//evil.test',
  '#//evil.test',
  '/\u2028/evil.test',
  '/\uff0fevil.test',
  '/auth/logout',
  '/auth/callback/sso?code=x',
  '/auth/login?returnTo=//evil.test',
  `/${'a'.repeat(2_000)}`,
  '',
]
const harmless = ['/', '/account', '/api/x?y=1&u=https://evil.test', '/group%2Fproject', '/a;b=c', '/authors']

let lab: OidcLab

before(async () => {
  // At the root, so that every strange address is one that a login may help with.
  lab = await startOidcLab({ config: { upstreams: [{ path: '/', to: 'http://127.0.0.1:9', allow: ['group:lab'] }] } })
})
after(() => lab[Symbol.asyncDispose]())

/** Where a browser goes from there; it must be a path of ours, and no line of the answer may be the value's. */
function destination({ status, headers }: TestAnswer, from: string): string {
  assert.equal(status, 303)
  assert.doesNotMatch(String(headers['set-cookie']), /a=b/)
  const url = new URL(String(headers.location), `${lab.url}${from}`)
  assert.equal(url.origin, lab.url)
  return url.pathname + url.search
}

test('the page to log in carries no hostile value on', async () => {
  for (const value of hostile) {
    const page = await lab.stranger().get(`/auth/login?returnTo=${encodeURIComponent(value)}`, { accept: 'text/html' })
    const carried = [...page.text.matchAll(/name="returnTo" value="([^"]*)"/g)].map(([, text]) => text)
    assert.deepEqual([page.status, new Set(carried)], [200, new Set(['/'])], JSON.stringify(value))
  }
})

test('who is logged in already and opens the login page is sent to a path of ours', async () => {
  const ada = await lab.logIn('ada')
  const open = async (value: string): Promise<string> =>
    destination(await ada.get(`/auth/login?returnTo=${encodeURIComponent(value)}`), '/auth/login')
  for (const value of hostile) assert.equal(await open(value), '/', JSON.stringify(value))
  for (const value of harmless) assert.equal(await open(value), value)
})

test('after a login at a provider', async () => {
  const ada = lab.browser()
  const land = async (value: string): Promise<string> =>
    destination(await ada.comeBack(await ada.prove(await ada.begin(value), 'ada')), '/auth/callback/sso')
  // Some of them: it is the same rule, and each takes a whole login.
  const some = hostile.filter((_value, index) => index % 4 === 0)
  for (const value of some) assert.equal(await land(value), '/', JSON.stringify(value))
  for (const value of harmless) assert.equal(await land(value), value)
})

test('a link to the callback with a place to go in it leads nowhere else', async () => {
  const ada = await lab.logIn('ada')
  for (const name of ['returnTo', 'rd', 'next', 'redirect_uri', 'post_logout_redirect_uri']) {
    const answer = await ada.get(`/auth/callback/sso?state=x&code=y&${name}=${encodeURIComponent('https://evil.test')}`)
    assert.equal(destination(answer, '/auth/callback/sso'), '/')
  }
})

test('a planted memory of the last login leads nowhere else', async () => {
  const ada = await lab.logIn('ada')
  // Made to fit the state that the link brings.
  const attempt = hash('sha256', 'attempt x', 'base64url')
  for (const returnTo of hostile) {
    const memory = Buffer.from(JSON.stringify({ provider: 'sso', attempt, returnTo })).toString('base64url')
    const cookie = `__Host-gatehouse=${ada.cookies.get('__Host-gatehouse')}; __Host-gatehouse-last=${memory}`
    const answer = await ada.get('/auth/callback/sso?state=x&code=y', { cookie })
    assert.equal(destination(answer, '/auth/callback/sso'), '/', JSON.stringify(returnTo))
  }
})

test('a logout leads to our own page, or to the provider and back to it, whatever is asked for', async () => {
  for (const value of ['https://evil.test', '//evil.test']) {
    const query = new URLSearchParams({ returnTo: value, post_logout_redirect_uri: value, rd: value }).toString()
    const here = lab.stranger()
    await here.post('/auth/login/local', await lab.account('ada'))
    const answer = await here.post(`/auth/logout?${query}`, { returnTo: value, post_logout_redirect_uri: value })
    assert.equal(destination(answer, '/auth/logout'), '/auth/logged-out')

    const elsewhere = await lab.logIn('ada')
    const away = await elsewhere.post(`/auth/logout?${query}`, { returnTo: value, post_logout_redirect_uri: value })
    const url = new URL(String(away.headers.location))
    assert.equal(url.origin, lab.provider.issuer)
    assert.equal(url.searchParams.get('post_logout_redirect_uri'), `${lab.url}/auth/logged-out`)
  }
})

test('a stranger who wanted a strange address comes back to it or to the home page, not elsewhere', async () => {
  for (const path of ['/api//evil.test', '/a//b', '/%2F%2Fevil.test', '/a?u=//evil.test', '/;//evil.test']) {
    const sent = await lab.stranger().get(path, { accept: 'text/html' })
    assert.equal(sent.status, 303, path)
    const ada = lab.stranger()
    const returnTo = new URL(String(sent.headers.location), lab.url).searchParams.get('returnTo') ?? ''
    const login = await ada.post('/auth/login/local', { ...(await lab.account('ada')), returnTo })
    destination(login, '/auth/login/local')
  }
})
