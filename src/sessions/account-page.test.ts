import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPages, type Language } from '#http'
import { Secret } from '#kernel'
import { createAccountRoutes } from './account-page.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestContext,
  createTestNode,
  createTestSite,
  minute,
} from './sessions.fixture.ts'
import type { NewSession } from './sessions.ts'

async function renderFor(login: NewSession, userAgent: string, language: Language = 'en'): Promise<string> {
  const site = await createTestSite()
  const node = createTestNode(site)
  const pages = createPages({
    branding: { title: 'Test', templates: {} },
    folders: [new URL('../http/templates/', import.meta.url), new URL('./templates/', import.meta.url)],
    pathTo: (path) => `/base${path}`,
    urlTo: (path) => `https://gate.test/base${path}`,
    viewer: () => undefined,
    look: () => ({ language, theme: 'system' }),
  })
  await pages.start()
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, login), { userAgent })
  site.clock.advance(5 * minute)
  const route = createAccountRoutes(node.sessions).find(({ method }) => method === 'GET')
  const answer = await browser.request(node, (ctx) => route?.handle(ctx, { params: {}, query: {}, body: undefined }))
  assert.ok(answer?.kind === 'page')
  return pages.render(createTestContext({}), answer.page)
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

test('the page shows who, the sessions and what is held, below the base path', async () => {
  const html = await renderFor(adaLogin({ groups: ['staff', 'beam:5'] }), firefox)
  for (const expected of [
    'Ada',
    'lab',
    'staff',
    'beam:5',
    'Firefox on Linux',
    '192.0.2.7',
    'this one',
    'Access token',
    'Key pair',
  ]) {
    assert.ok(html.includes(expected), expected)
  }
  for (const action of ['/base/account/extend', '/base/auth/logout'])
    assert.ok(html.includes(`action="${action}"`), action)
  assert.match(html, /action="\/base\/account\/sessions\/[0-9a-f]{64}\/revoke"/)
})

test('times are relative, with the instant beside them', async () => {
  const html = await renderFor(adaLogin(), firefox)
  for (const [instant, relative, exact] of [
    ['00:00:00', '5 minutes ago', '1 Jan 2026, 00:00 UTC'],
    ['00:05:00', 'just now', '1 Jan 2026, 00:05 UTC'],
    ['12:00:00', 'in 12 hours', '1 Jan 2026, 12:00 UTC'],
  ] as const)
    assert.ok(
      html.includes(
        `<time datetime="2026-01-01T${instant}.000Z">${relative}<br><span class="muted">${exact}</span></time>`,
      ),
      relative,
    )
})

test('the page speaks the language of the person, moments and devices too', async () => {
  const html = await renderFor(adaLogin(), firefox, 'de')
  assert.match(html, /<html lang="de"/)
  assert.match(html, /<h1>Ihr Konto<\/h1>/)
  assert.match(html, />vor 5 Minuten<br><span class="muted">01.01.2026, 00:00 UTC<\/span><\/time>/)
  assert.match(html, /aria-label="Diese Sitzung widerrufen: Firefox auf Linux, angemeldet vor 5 Minuten"/)
})

test('nothing that is held is on the page', async () => {
  const credentials = {
    sso: {
      kind: 'oauth',
      accessToken: new Secret('CANARY-1'),
      idToken: new Secret('CANARY-2'),
      scope: 'CANARY-3',
      expiresAt: 0,
    },
    manager: { kind: 'keypair', accessKey: 'CANARY-4', secretKey: new Secret('CANARY-5'), role: 'CANARY-6' },
    files: { kind: 'password', username: 'CANARY-7', password: new Secret('CANARY-8') },
  } as const
  const html = await renderFor(adaLogin({ credentials }), firefox)
  for (const name of Object.keys(credentials)) assert.ok(html.includes(name))
  assert.doesNotMatch(html, /CANARY|\[secret\]/)
})

test('what people and providers call themselves is text, not markup', async () => {
  const nasty = '"><script>alert(1)</script>\' onload=x'
  const html = await renderFor(
    adaLogin({
      username: nasty,
      displayName: nasty,
      email: nasty,
      subject: nasty,
      groups: [nasty],
      credentials: { [nasty]: { kind: 'password', username: '', password: new Secret('') } },
    }),
    nasty,
  )
  assert.doesNotMatch(html, /<script(?! type="module" nonce="nonce" src=)|(?<!&#39;) onload=x/)
  assert.ok(html.includes('&lt;script&gt;'))
})

test('every button in the table has a name of its own and every table one', async () => {
  const html = await renderFor(adaLogin(), firefox)
  assert.match(html, /aria-label="Revoke this session: Firefox on Linux, logged in 5 minutes ago"/)
  assert.equal(html.match(/<table aria-labelledby="/g)?.length, 2)
})
