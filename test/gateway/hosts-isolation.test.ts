// On a host of its own nothing of the portal exists, and nothing that a page there sends, or a thief takes from there, is
// worth anything at the portal or on another host. Nor the other way round.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { loadConfig } from '#config'
import { createGateway } from '../../src/gateway.ts'
import { configSchema } from '../../src/modules.ts'
import { sendRaw } from '../support/raw-http.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type HostLab, hostNames, startHostLab, type Visitor } from './host-lab.ts'

let service: RecordingUpstream
let lab: HostLab
let ada: Visitor

before(async () => {
  service = await startRecordingUpstream()
  const at = { to: service.url, allow: ['authenticated'] }
  lab = await startHostLab({
    basePath: '/x',
    config: { server: { cors: { origins: ['https://partner.test'], credentials: true } } },
    upstreams: [
      { ...at, path: '/', host: hostNames.notes, trust: 'none' },
      { ...at, path: '/plots/', host: hostNames.plots },
      { ...at, path: '/api/up/' },
    ],
  })
  ada = lab.visitor()
  await ada.logIn(`${lab.origins.gate}/x`, await lab.account('ada'))
  await ada.travel(`${lab.origins.notes}/`)
  await ada.travel(`${lab.origins.plots}/plots/`)
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await service.close()
})

test('every path of the portal is the service’s there, or nobody’s', async () => {
  const { gateway, origins } = lab
  const loaded = loadConfig({ files: [...gateway.configFiles], env: {}, schema: configSchema, cwd: '/' })
  assert.ok(loaded.ok)
  const portal = createGateway({ config: loaded.config, logSink: () => {} })
  const paths = new Set([
    ...portal.routes.map(({ path }) => path),
    '/auth/assets/style.css',
    '/api/up/x',
    '/x/',
    '/x/account',
  ])
  assert.ok(paths.has('/auth/login') && paths.has('/api/v1/me') && paths.has('/healthz') && paths.has('/auth/host'))
  for (const path of paths) {
    const seen = service.requests.length
    const answer = await ada.send(`${origins.notes}${path}`)
    assert.deepEqual([answer.status, answer.text, service.requests.length], [200, 'ok', seen + 1], path)
    assert.equal(service.requests.at(-1)?.target, path)
    // Where no service answers, nothing tells of what would answer elsewhere: not even a 405.
    for (const method of ['GET', 'POST', 'PUT']) {
      const headers = { origin: origins.plots }
      assert.equal((await ada.send(`${origins.plots}${path}`, { method, headers })).status, 404, `${method} ${path}`)
    }
  }
})

test('what is on a host is not at the portal, nor on another host', async () => {
  const { gate, notes, far, plots } = lab.origins
  assert.equal((await ada.send(`${plots}/plots/a`)).status, 200)
  assert.equal((await ada.send(`${gate}/x/plots/a`)).status, 404)
  assert.equal((await ada.send(`${far}/plots/a`)).status, 404)
  await ada.send(`${notes}/plots/a`)
  assert.equal(service.requests.at(-1)?.target, '/plots/a', 'there it is another service’s path')
  const slash = await ada.open(`${plots}/plots?x=1`)
  assert.deepEqual([slash.status, slash.headers.location], [302, '/plots/?x=1'], 'without the portal’s base path')
})

test('a cookie is good on the host that set it, under its name, and nowhere else', async () => {
  const { gate, notes, plots } = lab.origins
  const session = ada.cookies(gate).get('__Host-gatehouse') ?? assert.fail()
  const atNotes = ada.cookies(notes).get('__Host-gatehouse-host') ?? assert.fail()
  const atPlots = ada.cookies(plots).get('__Host-gatehouse-host') ?? assert.fail()
  assert.equal(new Set([session, atNotes, atPlots]).size, 3)
  const thief = lab.visitor()
  const ask = async (url: string, cookie: string) => (await thief.send(url, { headers: { cookie } })).status
  const halves = `${atNotes.split('.')[0]}.${session.split('.')[1]}`
  const cases: readonly (readonly [url: string, cookie: string, status: number])[] = [
    [`${notes}/`, `__Host-gatehouse-host=${atNotes}`, 200],
    [`${notes}/`, `__Host-gatehouse-host=${atPlots}`, 401],
    [`${notes}/`, `__Host-gatehouse-host=${session}`, 401],
    [`${notes}/`, `__Host-gatehouse-host=${halves}`, 401],
    [`${notes}/`, `__Host-gatehouse=${session}`, 401],
    [`${notes}/`, `__Host-gatehouse=${atNotes}`, 401],
    [`${notes}/`, `__Host-gatehouse-host=${atNotes}; __Host-gatehouse-host=${atPlots}`, 401],
    [`${plots}/plots/`, `__Host-gatehouse-host=${atNotes}`, 401],
    [`${gate}/x/api/v1/me`, `__Host-gatehouse=${session}`, 200],
    [`${gate}/x/api/v1/me`, `__Host-gatehouse=${atNotes}`, 401],
    [`${gate}/x/api/v1/me`, `__Host-gatehouse-host=${atNotes}`, 401],
    [`${gate}/x/api/up/`, `__Host-gatehouse-host=${session}`, 401],
  ]
  for (const [url, cookie, status] of cases) assert.equal(await ask(url, cookie), status, `${url} ${cookie}`)
})

test('the Host has one reading; what is not on the list is refused, whoever brings it', async () => {
  const { host } = new URL(lab.origins.notes)
  const cookie = `Cookie: ${ada.cookieHeader(lab.origins.notes)}\r\n`
  const ask = async (line: string, target = '/h5') => {
    const message = `GET ${target} HTTP/1.1\r\n${line}\r\n${cookie}Connection: close\r\n\r\n`
    return (await sendRaw(lab.port, message)).status
  }
  const table: readonly (readonly [line: string, status: number])[] = [
    [`Host: ${host}`, 200],
    [`Host: ${host.toUpperCase()}`, 200],
    [`hOST: ${host}`, 200],
    [`Host: ${hostNames.notes}`, 421],
    [`Host: ${hostNames.notes}.:${lab.port}`, 421],
    [`Host: ${hostNames.notes}:0${lab.port}`, 400],
    [`Host: ${hostNames.notes}:1`, 421],
    [`Host: evil${host}`, 421],
    [`Host: ${hostNames.notes}.evil.test:${lab.port}`, 421],
    [`Host: x.${host}`, 421],
    [`Host: 127.0.0.1:${lab.port}`, 421],
    [`Host: [::1]:${lab.port}`, 421],
    [`Host: ${host}@evil.test`, 400],
    [`Host: ${host}, evil.test`, 400],
    [`Host: ${host}/`, 400],
    ['Host:', 400],
    [`Host: ${host}\r\nHost: ${host}`, 400],
    [`Host: ${host}\r\nHost: gate.lab.localhost:${lab.port}`, 400],
    [`Host: evil.test\r\nX-Forwarded-Host: ${host}`, 421],
    [`Host: evil.test\r\nForwarded: host=${host}`, 421],
  ]
  for (const [line, status] of table) assert.equal(await ask(line), status, line)
  assert.equal(await ask('Host: evil.test', `http://${host}/h5`), 400, 'a whole address as the target')
})

test('a proxy that is trusted must say which host is meant', async () => {
  await using trusting = await startHostLab({
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      verify: {
        services: [{ id: 'board', host: 'gate.lab.localhost:8443', path: '/board/', allow: ['authenticated'] }],
      },
    },
    upstreams: [{ path: '/', host: hostNames.notes, to: service.url, allow: ['public'] }],
  })
  const ask = async (host: string, path = '/auth/login') =>
    (await sendRaw(trusting.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status
  assert.equal(await ask(`gate.lab.localhost:${trusting.port}`), 200)
  assert.equal(await ask(`${hostNames.notes}:${trusting.port}`), 200)
  assert.equal(await ask('gatehouse'), 421)
  const question = '/auth/verify/for/board/x'
  assert.equal(await ask('gate.lab.localhost:8443', question), 401, 'it asks about another request by its name')
  assert.equal(await ask(`${hostNames.notes}:${trusting.port}`, question), 404, 'no service answers in our place')
})

type Headers = Readonly<Record<string, string>>
const fetched = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

test('what a page of a host sends to the portal with its cookie is refused, reads included', async () => {
  const { gate, notes } = lab.origins
  const fromNotes: readonly Headers[] = [
    { ...fetched, origin: notes, 'sec-fetch-site': 'same-site' },
    { ...fetched, 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-site' },
  ]
  for (const path of ['/x/api/v1/me', '/x/api/up/data', '/x/account', '/x/auth/login']) {
    for (const headers of fromNotes) {
      assert.equal((await ada.send(`${gate}${path}`, { headers })).status, 403, `${path} ${JSON.stringify(headers)}`)
    }
  }
  for (const path of ['/x/api/up/data', '/x/account/extend', '/x/auth/logout', '/x/auth/login/local']) {
    for (const headers of [
      { origin: notes },
      { 'sec-fetch-site': 'same-site' },
      { origin: notes, 'sec-fetch-site': 'same-origin' },
    ]) {
      const answer = await ada.send(`${gate}${path}`, { method: 'POST', headers })
      assert.equal(answer.status, 403, `POST ${path} ${JSON.stringify(headers)}`)
    }
  }
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-site' }
  assert.equal((await ada.send(`${gate}/x/api/up/data`, { headers: frame })).status, 403, 'a service in a frame')
})

test('a link from a host to the portal works, and so does what the portal’s own pages do', async () => {
  const { gate } = lab.origins
  const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-site' }
  assert.equal((await ada.send(`${gate}/x/account`, { headers: link })).status, 200)
  const own = { ...fetched, 'sec-fetch-site': 'same-origin' }
  assert.equal((await ada.send(`${gate}/x/api/up/data`, { headers: own })).status, 200)
  const partner = { ...fetched, origin: 'https://partner.test', 'sec-fetch-site': 'same-site' }
  const answer = await ada.send(`${gate}/x/api/up/data`, { headers: partner })
  assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, 'https://partner.test'])
})

test('on a host, its own origin is the only one: neither the portal’s nor one that may call the portal', async () => {
  const { gate, notes, plots } = lab.origins
  const post = async (headers: Headers) => (await ada.send(`${notes}/save`, { method: 'POST', headers })).status
  assert.equal(await post({ origin: notes, 'sec-fetch-site': 'same-origin' }), 200)
  for (const origin of [gate, plots, 'https://partner.test', 'null', `${notes}.evil.test`]) {
    assert.equal(await post({ origin }), 403, origin)
  }
  assert.equal(await post({}), 403, 'from who knows where')
  const read = { ...fetched, 'sec-fetch-site': 'same-site' }
  assert.equal((await ada.send(`${notes}/data`, { headers: { ...read, origin: gate } })).status, 403)
  assert.equal((await ada.send(`${notes}/data`, { headers: { ...read, origin: 'https://partner.test' } })).status, 403)
})

test('no host is open to cross-origin calls, whatever the portal is', async () => {
  for (const origin of ['https://partner.test', lab.origins.gate]) {
    const headers = { origin, 'access-control-request-method': 'PUT' }
    const preflight = await lab.visitor().send(`${lab.origins.notes}/x`, { method: 'OPTIONS', headers })
    assert.equal(preflight.status, 403)
    const read = await lab.visitor().send(`${lab.origins.notes}/x`, { headers: { origin } })
    for (const answer of [preflight, read]) assert.equal(answer.headers['access-control-allow-origin'], undefined)
  }
})

test('what a proxy in front serves beside the portal is no more open to pages of a host', async () => {
  await using trusting = await startHostLab({
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      verify: { services: [{ id: 'board', path: '/board/', allow: ['authenticated'] }] },
    },
    upstreams: [{ path: '/', host: hostNames.notes, to: service.url, allow: ['public'] }],
  })
  const { gate } = trusting.origins
  const visitor = trusting.visitor()
  await visitor.logIn(gate, await trusting.account('ada'))
  const ask = async (headers: Headers) => {
    const question = {
      'x-forwarded-method': 'GET',
      'x-forwarded-host': new URL(gate).host,
      'x-forwarded-uri': '/board/x',
    }
    return (await visitor.send(`${gate}/auth/verify`, { headers: { ...question, ...headers } })).status
  }
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
  const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  assert.equal(await ask({ ...fetched, 'sec-fetch-site': 'same-origin' }), 200)
  assert.equal(await ask({ ...link, 'sec-fetch-site': 'same-site' }), 200)
  assert.equal(await ask({ ...fetched, 'sec-fetch-site': 'same-site' }), 403)
  assert.equal(await ask({ ...frame, 'sec-fetch-site': 'same-site' }), 403)
})
