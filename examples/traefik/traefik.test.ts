// The files of this folder without Traefik, which Debian does not have: Gatehouse is asked what Traefik's manual says that
// Traefik asks with this configuration, and the answer is read as it says.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { startFrontLab } from '../../test/support/front-lab.ts'
import { createClient, type TestClient } from '../../test/support/http-client.ts'
import { isMissing } from '../../test/support/programs.ts'

interface Dynamic {
  readonly http: {
    readonly routers: Readonly<Record<'gatehouse' | 'wiki', { readonly rule: string; readonly middlewares?: string[] }>>
    readonly middlewares: {
      readonly 'ask-gatehouse': {
        readonly forwardAuth: { readonly address: string; readonly authResponseHeaders: readonly string[] }
      }
      readonly 'one-spelling': { readonly headers: { readonly customRequestHeaders: Readonly<Record<string, string>> } }
    }
  }
}

const folder = new URL('.', import.meta.url)
const { http } = parse(readFileSync(new URL('dynamic.yaml', folder), 'utf8')) as Dynamic
const { address, authResponseHeaders } = http.middlewares['ask-gatehouse'].forwardAuth

test('Traefik as configured asks, and passes on every header that says who asks', async (t) => {
  const front = await startFrontLab(folder, async ({ gateway }) => ({ url: `http://${gateway}`, stop: async () => {} }))
  if (isMissing(front)) return t.skip(front.missing)
  await using running = front
  const { lab, url } = running
  const { pathname, search } = new URL(address)

  const ask = (client: TestClient, uri: string, method = 'GET', headers: Readonly<Record<string, string>> = {}) =>
    client.get(pathname + search, {
      'x-forwarded-method': method,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': new URL(url).host,
      'x-forwarded-uri': uri,
      'x-forwarded-for': '203.0.113.7',
      ...headers,
    })

  const [ada, mallory] = await Promise.all([lab.logIn('ada'), lab.logIn('mallory')])
  const stranger = createClient(url)
  assert.equal((await ask(stranger, '/wiki/public/x')).status, 200)
  assert.equal((await ask(stranger, '/wiki/x')).status, 401)
  assert.equal((await ask(stranger, '/wiki/x', 'GET', { accept: 'text/html' })).status, 303)
  assert.equal((await ask(mallory, '/wiki/x')).status, 403)
  assert.equal((await ask(ada, '/wiki/x', 'POST', { origin: 'https://evil.test' })).status, 403)
  const yes = await ask(ada, '/wiki/x', 'POST', { origin: url })
  assert.equal(yes.status, 200)
  const said = Object.keys(yes.headers).filter((name) => name.startsWith('remote-') || name.startsWith('x-gatehouse'))
  assert.deepEqual(said.toSorted(), authResponseHeaders.map((name) => name.toLowerCase()).toSorted())
})

test('the routes keep what is asked from outside, and clear every other spelling', () => {
  assert.match(http.routers.gatehouse.rule, /&& !PathPrefix\(`\/auth\/verify`\)$/)
  assert.deepEqual(http.routers.wiki.middlewares, ['one-spelling', 'ask-gatehouse'])
  const cleared = http.middlewares['one-spelling'].headers.customRequestHeaders
  assert.deepEqual(
    Object.keys(cleared),
    authResponseHeaders.map((name) => name.replaceAll('-', '_')),
  )
  assert.ok(Object.values(cleared).every((value) => value === ''))
})
