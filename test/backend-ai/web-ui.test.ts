// The Web UI's files and the single addresses beside them, at a whole gateway, for each profile: what browsers,
// dashboards and attackers get without a login.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import { createClient } from '../support/http-client.ts'
import { isMissing, startRedis } from '../support/programs.ts'
import { sendRaw } from '../support/raw-http.ts'
import { type ConfigLayer, startGateway, type TestGateway } from '../support/start-gateway.ts'

const redis = await startRedis()
const skip = isMissing(redis) && redis.missing

const SECRET = 'CANARY-outside-of-the-web-ui'
const base = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-web-ui-')))
after(() => rm(base, { recursive: true }))
const directory = join(base, 'built')
await mkdir(join(directory, '.git'), { recursive: true })
await mkdir(join(directory, 'resources'))
await writeFile(join(base, 'secret.txt'), SECRET)
for (const [name, content] of Object.entries({
  'index.html': '<title>Home</title><script nonce="{{nonce}}"></script>',
  'app.js': 'console.log(1)',
  'resources/index.html': 'never asked for',
  'server.log': SECRET,
  '.git/config': SECRET,
}))
  await writeFile(join(directory, name), content)
await writeFile(join(directory, 'app.js.br'), brotliCompressSync('console.log(1)'))
await symlink(join(base, 'secret.txt'), join(directory, 'out.txt'))

const PROFILES = ['26.2', '26.4', '26.8'] as const
type ProfileName = (typeof PROFILES)[number]

interface Settings {
  readonly profile?: ProfileName
  readonly webUi?: object | undefined
  readonly security?: object
  readonly other?: ConfigLayer
}

async function startWebUi({ profile = '26.2', webUi = {}, security = {}, other = {} }: Settings = {}) {
  const backendAi = {
    profile,
    manager: { to: 'http://127.0.0.1:9' },
    security,
    webUi: { directory, ...webUi },
    ...(profile !== '26.2' && { sharedRedis: { type: 'redis', url: isMissing(redis) ? '' : redis.url } }),
  }
  const gateway = await startGateway({ config: [{ backendAi }, other] })
  return Object.freeze({
    gateway,
    client: createClient(gateway.listening[0] ?? ''),
    port: Number(new URL(gateway.listening[0] ?? '').port),
    [Symbol.asyncDispose]: gateway.close,
  })
}

const NOT_FOUND = { type: 'https://api.backend.ai/probs/generic-not-found', title: 'Not Found' }

const assertProblem = (text: string, expected: object) => {
  const { type, title } = JSON.parse(text) as Record<string, unknown>
  assert.deepEqual({ type, title }, expected)
}

for (const profile of PROFILES) {
  test(`${profile}: what is no file is the page, and what lies outside is nothing`, { skip }, async () => {
    await using site = await startWebUi({ profile })
    const paths = ['/', '/a/b', '/metrics', '/ping', '/.well-known/x', '/resources/', '/a//b', '/index.html']
    for (const path of profile === '26.2' ? [...paths, '/livez'] : paths) {
      // Neither a browser that navigates nor a program gets anything else.
      for (const accept of ['text/html', '*/*']) {
        const { status, text, headers } = await site.client.get(path, { accept })
        assert.equal(status, 200, path)
        assert.match(text, /<title>Home/, path)
        assert.equal(headers['cache-control'], 'no-store', path)
      }
    }
    const script = await site.client.get('/app.js')
    assert.equal(script.headers['cache-control'], 'max-age=86400, public, must-revalidate, proxy-revalidate')
    assert.equal(script.headers['x-content-type-options'], 'nosniff')
    assert.equal(script.headers['cross-origin-opener-policy'], 'same-origin-allow-popups')
    const outside = ['/out.txt', '/../secret.txt', '/../../etc/passwd', '//etc/passwd', '/%2e%2e/secret.txt', '/a%00b']
    for (const path of [...outside, '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/a\\b']) {
      const raw = await sendRaw(
        site.port,
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${site.port}\r\nConnection: close\r\n\r\n`,
      )
      assert.equal(raw.status, 404, path)
      assert.match(raw.text, /^content-type: application\/problem\+json/im, path)
      assertProblem(raw.text.slice(raw.text.indexOf('\r\n\r\n')), NOT_FOUND)
      assert.doesNotMatch(raw.text, /CANARY|root:/, path)
    }
  })

  test(`${profile}: a copy is confirmed, a part is sent, and HEAD is answered as GET`, { skip }, async () => {
    await using site = await startWebUi({ profile })
    const { headers } = await site.client.get('/app.js')
    const confirmed = await site.client.get('/app.js', { 'if-none-match': String(headers.etag) })
    assert.equal(confirmed.status, 304)
    const part = await site.client.get('/app.js', { range: 'bytes=0-3' })
    assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, 'cons', 'bytes 0-3/14'])
    const beyond = await site.client.get('/app.js', { range: 'bytes=99-' })
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */14'])
    assert.equal((await site.client.get('/app.js', { 'accept-encoding': 'br' })).headers['content-encoding'], 'br')
    const head = await site.client.send('/', { method: 'HEAD' })
    assert.deepEqual([head.status, head.text], [200, ''])
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const refused = await site.client.send('/a/b', { method })
      assert.deepEqual([refused.status, refused.text], [405, '405: Method Not Allowed'], method)
      assert.equal(refused.headers.allow, 'GET,HEAD,OPTIONS')
    }
  })

  test(`${profile}: the page is told where we are, whatever Host it asks for`, { skip }, async () => {
    const other = { server: { url: 'https://gate.example.org', trustedProxies: ['127.0.0.1'] } }
    await using site = await startWebUi({ profile, other })
    for (const host of ['gate.example.org', 'gate.example.org:443', 'evil.example.com']) {
      const { status, text, headers } = await site.client.get('/config.toml', { host })
      assert.equal(status, 200)
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(text, /^apiEndpoint = "https:\/\/gate\.example\.org"$/m)
      assert.doesNotMatch(text, /evil/)
      assert.equal((text.match(/^debug = /gm) ?? []).length, 1)
      assert.equal(/^allowThemeMode = false$/m.test(text), profile === '26.8')
    }
    assert.match(
      (await site.client.get('/config.ini', { host: 'gate.example.org' })).text,
      /^\[general\]\napiEndpoint = /,
    )
    assert.match(
      String((await site.client.get('/', { host: 'gate.example.org' })).headers['strict-transport-security']),
      /max-age=31536000/,
    )
  })

  test(`${profile}: policies and the nonce of the page`, { skip }, async () => {
    const csp = { 'script-src': ["'self'", "'nonce'"], 'default-src': ["'self'"], 'frame-ancestors': ["'none'"] }
    const requestPolicies = ['reject_metadata_local_link_policy', 'reject_access_for_unsafe_file_policy']
    const responsePolicies = ['set_content_type_nosniff_policy']
    const security = { csp, requestPolicies, responsePolicies }
    await using site = await startWebUi({ profile, security, other: { server: { trustedProxies: ['127.0.0.1'] } } })
    const policies = new Set<string>()
    for (const path of ['/', '/a/b']) {
      const { headers, text } = await site.client.get(path)
      const policy = String(headers['content-security-policy'])
      policies.add(policy)
      const [, nonce = ''] = /nonce="(.*)"/.exec(text) ?? []
      if (profile === '26.2') assert.equal(nonce, '{{nonce}}')
      else assert.match(nonce, /^[\w-]{22}$/)
      const source = profile === '26.2' ? "'nonce'" : `'nonce-${nonce}'`
      assert.equal(policy, `default-src 'self'; script-src 'self' ${source}; frame-ancestors 'none';`)
    }
    assert.equal(policies.size, profile === '26.2' ? 1 : 2)
    const forbidden = async (path: string, host?: string) => {
      const { status, text } = await site.client.get(path, host === undefined ? {} : { host })
      return status === 403 && text === '403: Forbidden'
    }
    for (const path of ['/.git', '/.git/config', '/server.log', '/x.bak']) assert.ok(await forbidden(path), path)
    for (const host of ['169.254.169.254', 'Metadata.Google.Internal.:80']) {
      for (const path of ['/', '/config.toml', '/stats', '/func/', '/server/login'])
        assert.ok(await forbidden(path, host), `${host}${path}`)
    }
  })

  test(`${profile}: statistics and health`, { skip }, async () => {
    await using site = await startWebUi({ profile })
    const lines = (await site.client.get('/stats')).text.split('\n')
    assert.equal(lines.length, 13)
    assert.match(lines[0] ?? '', /^total_async_tasks: \d+$/)
    const numbers = (await site.client.get('/stats?format=json')).json() as Record<string, unknown>
    assert.equal(Object.keys(numbers).length, 13)
    const unknown = await site.client.get('/stats?format=xml')
    assert.deepEqual([unknown.status, unknown.text], [400, 'Invalid format: xml'])
    const health = await site.client.get('/health')
    const body = health.json() as Record<string, unknown>
    assert.deepEqual([health.status, body.status, body.component], [200, 'ok', 'webserver'])
    assert.match(String(body.version), new RegExp(`^${profile.replace('.', '\\.')}\\.\\d+$`))
    const groups = [...health.text.matchAll(/"service_group":"([^"]*)"/g)].map(([, group]) => group)
    assert.deepEqual(groups, profile === '26.2' ? ['redis'] : ['redis', 'manager-endpoints'])
    assert.doesNotMatch(health.text, /127\.0\.0\.1/)
    const posted = await site.client.send('/health', { method: 'POST' })
    assert.deepEqual([posted.status, posted.headers.allow], [405, 'GET, HEAD'])
    assert.equal((await site.client.send('/config.toml', { method: 'HEAD' })).status, 200)
    if (profile !== '26.2') {
      const livez = await site.client.get('/livez')
      assert.deepEqual([livez.status, (livez.json() as Record<string, unknown>).status], [200, 'ok'])
    }
  })
}

test('what is under way at the Manager is counted', async () => {
  const arrived = Promise.withResolvers<ServerResponse>()
  const manager = createServer((_request, response) => arrived.resolve(response)).listen(0, '127.0.0.1')
  await once(manager, 'listening')
  const to = `http://127.0.0.1:${(manager.address() as AddressInfo).port}`
  try {
    await using site = await startWebUi({ other: { backendAi: { manager: { to } } } })
    const answered = site.client.get('/func/')
    const response = await arrived.promise
    const numbers = (await site.client.get('/stats?format=json')).json() as Record<string, number>
    assert.deepEqual([numbers.active_proxy_api_handlers, numbers.total_active_handlers], [1, 1])
    response.end('{}')
    await answered
  } finally {
    manager.close()
    manager.closeAllConnections()
  }
})

test('as static files only what is a file answers, and nothing is told', async () => {
  await using site = await startWebUi({ webUi: { mode: 'static' } })
  for (const path of ['/', '/a/b', '/config.toml', '/config.ini']) {
    const { status, text } = await site.client.get(path)
    assert.equal(status, 404, path)
    assertProblem(text, NOT_FOUND)
  }
  assert.equal((await site.client.get('/app.js')).status, 200)
})

test('the Host of a metadata service is refused in these words, also where it is none of ours', async () => {
  await using site = await startWebUi({ security: { requestPolicies: ['reject_metadata_local_link_policy'] } })
  const { status, text } = await site.client.get('/', { host: '169.254.169.254' })
  assert.deepEqual([status, text], [403, '403: Forbidden'])
  assert.equal((await site.client.get('/', { host: 'evil.example.com' })).status, 421)
})

test('people may be told another protocol than the one that is known', async () => {
  await using site = await startWebUi({ webUi: { endpointProtocol: 'https' } })
  const { text } = await site.client.get('/config.toml')
  assert.match(text, new RegExp(`^apiEndpoint = "https://127\\.0\\.0\\.1:${site.port}"$`, 'm'))
})

test('under a path of the public address, that is part of what people are told', async () => {
  await using site = await startWebUi({ other: { server: { url: 'https://gate.example.org/cluster' } } })
  const { text } = await site.client.get('/cluster/config.toml', { host: 'gate.example.org' })
  assert.match(text, /^apiEndpoint = "https:\/\/gate\.example\.org\/cluster"$/m)
  assert.match((await site.client.get('/cluster/a/b', { host: 'gate.example.org' })).text, /Home/)
})

test('a reload changes what is told, and takes the Web UI away or brings it', async () => {
  await using site = await startWebUi()
  const settings = (webUi: object | undefined) => ({ backendAi: { manager: { to: 'http://127.0.0.1:9' }, webUi } })
  await site.gateway.reload(settings({ directory, general: { apiEndpointText: 'Another cluster' } }))
  assert.match((await site.client.get('/config.toml')).text, /^apiEndpointText = "Another cluster"$/m)
  await site.gateway.reload(settings(undefined))
  assert.equal((await site.client.get('/a/b')).status, 404)
  await site.gateway.reload({})
  assert.equal((await site.client.get('/health')).status, 404)
  await site.gateway.reload(settings({ directory }))
  assert.equal((await site.client.get('/a/b')).status, 200)
})

test('without built files the gateway does not start, and a reload to such a place changes nothing', async () => {
  const broken = { backendAi: { manager: { to: 'http://127.0.0.1:9' }, webUi: { directory: join(base, 'nowhere') } } }
  await assert.rejects(startGateway({ config: broken }), /the Web UI cannot be served: its directory .* cannot be read/)
  await using site = await startWebUi()
  await assert.rejects(site.gateway.reload(broken), /cannot be served/)
  assert.equal((await site.client.get('/a')).status, 200)
})

test('without a Web UI its addresses are nobody’s, and without the section so is all of it', async () => {
  const statusOf = async (gateway: TestGateway, path: string) => (await createClient(gateway.url).get(path)).status
  await using bare = await startGateway({ config: { backendAi: { manager: { to: 'http://127.0.0.1:9' } } } })
  await using none = await startGateway()
  for (const path of ['/config.toml', '/app.js', '/livez', '/a/b']) assert.equal(await statusOf(bare, path), 404, path)
  for (const path of ['/stats', '/health']) {
    assert.equal(await statusOf(bare, path), 200, path)
    assert.equal(await statusOf(none, path), 404, path)
  }
  assert.equal(await statusOf(bare, '/healthz'), 200)
})
