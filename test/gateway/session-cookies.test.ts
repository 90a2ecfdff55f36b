// Every cookie that the gateway ever sets, over a whole visit (security.md C1): host-bound, out of reach of scripts and of
// other sites, and small.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestAnswer } from '../support/http-client.ts'
import { startOidcLab } from './oidc-lab.ts'

test('every Set-Cookie of a visit is __Host-, Secure, HttpOnly, SameSite=Lax, for the whole host, without Domain', async () => {
  await using upstream = await startEchoUpstream()
  await using lab = await startOidcLab({
    config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['authenticated'] }] },
  })
  const longest = `/${'a'.repeat(1_023)}`
  const names = new Set<string>()
  const check = async (answering: TestAnswer | Promise<TestAnswer>): Promise<TestAnswer> => {
    const answer = await answering
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = ''] = pair.split('=')
      names.add(name)
      assert.match(name, /^__Host-gatehouse(?:-login|-last|-known)?$/)
      assert.deepEqual(attributes.slice(0, 4), ['Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure'], line)
      assert.ok(
        attributes.slice(4).every((attribute) => /^Max-Age=\d+$/.test(attribute)),
        line,
      )
      assert.ok(line.length <= 4_096, `${name} has ${line.length} bytes`)
    }
    return answer
  }

  const browser = lab.browser()
  await check(browser.get('/', { accept: 'text/html' }))
  await check(browser.get(`/auth/login?returnTo=${longest}`, { accept: 'text/html' }))
  const begun = await check(browser.post('/auth/login/sso', { returnTo: longest }))
  const callback = await browser.prove(String(begun.headers.location), 'ada')
  await check(browser.comeBack(callback))
  for (const path of ['/', '/account', '/api/x', '/api/v1/sessions']) await check(browser.get(path))
  await check(browser.post('/account/extend'))
  await check(browser.post('/auth/login/local', await lab.account('ada')))
  const old = browser.cookieHeader()
  await check(browser.post('/auth/logout'))
  const gone = await check(lab.stranger().get('/account', { cookie: old, accept: 'text/html' }))
  assert.match(String(gone.headers['set-cookie']), /^__Host-gatehouse=; .*Max-Age=0/)
  await check(lab.stranger().get('/account', { cookie: '__Host-gatehouse=nonsense', accept: 'text/html' }))
  assert.deepEqual(
    names,
    new Set(['__Host-gatehouse', '__Host-gatehouse-login', '__Host-gatehouse-last', '__Host-gatehouse-known']),
  )
})

test('a suffix keeps two installations on one host name apart', async () => {
  await using lab = await startOidcLab({ config: { sessions: { cookieSuffix: '-staging' } } })
  const browser = await lab.logIn('ada')
  await browser.post('/auth/login/local', await lab.account('ada'))
  const names = ['-staging', '-last-staging', '-known-staging'].map((name) => `__Host-gatehouse${name}`)
  assert.deepEqual(
    [...browser.cookies.keys()].filter((name) => name !== '__Host-gatehouse-login-staging').sort(),
    names.sort(),
  )
  const value = browser.cookies.get('__Host-gatehouse-staging')
  assert.equal((await lab.stranger().get('/api/v1/me', { cookie: `__Host-gatehouse=${value}` })).status, 401)
  assert.equal((await browser.get('/api/v1/me')).status, 200)
})
