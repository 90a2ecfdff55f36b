// A feature's own sessions on the wire: a cookie or a header of its protocol names them, for requests and upgrades alike, and
// what a browser sends with the cookie must prove where it comes from as anywhere else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { httpErrors, type Mount, type RequestContext, readCookies } from '#http'
import { ask } from '../../test/gateway/ask.ts'
import { createNamingMount } from '../../test/support/naming-mount.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startEdge, type TestEdge } from '../../test/support/start-edge.ts'
import { createLoadSessionStep } from './load-session.ts'
import { createCompactName } from './session-token.ts'
import { adaLogin, createTestBrowser, createTestNode, createTestSite, type TestNode } from './sessions.fixture.ts'

const OWN = 'https://gate.test'
const EVIL = 'https://evil.test'

const readName = ({ request: { headers } }: RequestContext): string | undefined => {
  if (headers['x-session'] === '') throw httpErrors.malformedRequest({ reason: 'a name is empty' })
  const header = headers['x-session']
  return header === undefined ? readCookies(headers.cookie, 'NAMED')[0] : String(header)
}

const who = (node: TestNode, ctx: RequestContext): string => node.sessions.current.get(ctx)?.row.username ?? 'nobody'

async function startLab() {
  const node = createTestNode(await createTestSite())
  const mount: Mount = {
    ...createNamingMount(readName),
    serve: async (ctx, response) => void response.end(who(node, ctx)),
    upgrade: async (ctx, socket) =>
      void socket.end(`HTTP/1.1 101 Switching Protocols\r\nwho: ${who(node, ctx)}\r\n\r\n`),
  }
  const { sessionName: _, ...usual } = mount
  const edge = await startEdge({
    url: OWN,
    mounts: [mount, { ...usual, id: 'usual', prefix: '/usual/' }],
    loadSession: createLoadSessionStep(node.sessions),
  })
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin({ username: 'grace' })))
  const portal = [...browser.cookies].map(([cookie, value]) => `${cookie}=${value}`).join('; ')
  const name = createCompactName()
  await createTestBrowser().request(node, (ctx) => node.sessions.begin(ctx, adaLogin(), { name }))
  return { edge, portal, name }
}

const get = async ({ port }: TestEdge, path: string, headers: Readonly<Record<string, string>>, method = 'GET') => {
  const { status, text } = await ask({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers: { host: 'gate.test', ...headers },
  })
  return status === 200 ? text : status
}

const upgrade = async ({ port }: TestEdge, headers: Readonly<Record<string, string>>) => {
  const lines = Object.entries({
    host: 'gate.test',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }).map(([header, value]) => `${header}: ${value}\r\n`)
  const { status, text } = await sendRaw(port, `GET /naming/ws HTTP/1.1\r\n${lines.join('')}\r\n`)
  return status === 101 ? /who: (\w+)/.exec(text)?.[1] : status
}

test('header, then cookie, then the portal’s cookie; what is unknown falls back to nothing', async () => {
  const { edge, portal, name } = await startLab()
  await using _ = edge
  const cookie = `NAMED=${name}`
  const unknown = createCompactName()
  const cases: readonly (readonly [Record<string, string>, string | number])[] = [
    [{}, 'nobody'],
    [{ 'x-session': name }, 'ada'],
    [{ cookie }, 'ada'],
    [{ cookie: portal }, 'grace'],
    [{ cookie: `${portal}; ${cookie}` }, 'ada'],
    [{ cookie: portal, 'x-session': name }, 'ada'],
    [{ cookie: `${portal}; ${cookie}`, 'x-session': unknown }, 'nobody'],
    [{ cookie: `${portal}; NAMED=${unknown}` }, 'nobody'],
    [{ cookie: `${portal}; NAMED=` }, 'nobody'],
    [{ cookie: portal, 'x-session': `${name}, ${name}` }, 'nobody'],
    [{ cookie: portal, 'x-session': name.toUpperCase() }, 'nobody'],
    [{ cookie: portal, 'x-session': '' }, 400],
  ]
  for (const [headers, expected] of cases) {
    assert.equal(await get(edge, '/naming/x', headers), expected, JSON.stringify(headers))
    assert.equal(await upgrade(edge, { origin: OWN, ...headers }), expected, `upgrade ${JSON.stringify(headers)}`)
  }
})

test('elsewhere the name is worth nothing, in whatever it comes', async () => {
  const { edge, portal, name } = await startLab()
  await using _ = edge
  const cookie = `NAMED=${name}`
  assert.equal(await get(edge, '/naming/x', { cookie }), 'ada', 'it is remembered from here on')
  for (const headers of [{ cookie }, { 'x-session': name }, { cookie: `__Host-gatehouse=${name}` }]) {
    assert.equal(await get(edge, '/usual/x', headers), 'nobody', JSON.stringify(headers))
  }
  assert.equal(await get(edge, '/usual/x', { cookie: `${portal}; ${cookie}`, 'x-session': name }), 'grace')
})

test('a page of another site gets nowhere with the cookie, nor with a handshake; a program with the header does', async () => {
  const { edge, name } = await startLab()
  await using _ = edge
  const cookie = { cookie: `NAMED=${name}` }
  const header = { 'x-session': name }
  const post = (headers: Readonly<Record<string, string>>) => get(edge, '/naming/x', headers, 'POST')
  assert.equal(await post({ ...cookie, origin: OWN, 'sec-fetch-site': 'same-origin' }), 'ada')
  assert.equal(await post(header), 'ada')
  for (const forged of [cookie, { ...cookie, origin: EVIL }, { ...cookie, 'sec-fetch-site': 'cross-site' }]) {
    assert.equal(await post(forged), 403)
    assert.equal(await post({ ...forged, ...header }), 403)
    assert.equal(await upgrade(edge, forged), 403)
  }
  assert.equal(await post({ ...header, origin: EVIL }), 403, 'and no preflight would have let it')
  assert.equal(await upgrade(edge, { ...header, origin: EVIL }), 403)
  assert.equal(await upgrade(edge, header), 'ada')
})

test('whoever finds the log finds no name', async () => {
  const { edge, name } = await startLab()
  await using _ = edge
  await get(edge, '/naming/x', { cookie: `NAMED=${name}` })
  await get(edge, '/naming/x', { cookie: `NAMED=${name}`, origin: EVIL }, 'POST')
  await get(edge, '/naming/x', { 'x-session': name, cookie: 'x'.repeat(20_000) })
  assert.ok(edge.logged.length > 0)
  assert.ok(!JSON.stringify(edge.logged).includes(name))
})
