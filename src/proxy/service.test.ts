// Services that a feature brings along: its lanes carry requests and WebSockets like an upstream's, and they live as long
// as the proxy that made them.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { z } from 'zod'
import type { Mount } from '#http'
import { Secret } from '#kernel'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../test/support/start-proxy.ts'
import { checkService, type Lane, type LaneOptions, type ProxyApi, type Service, serviceShape } from './index.ts'

const serviceSchema = z.strictObject(serviceShape).superRefine(checkService)

const mountOf = (id: string, prefix: string, lane: Lane): Mount => ({
  id,
  prefix,
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: lane.forward,
  upgrade: lane.open,
})

/** A feature with one service and a lane for each prefix. */
const featureWith =
  (config: object, lanes: Readonly<Record<string, Omit<LaneOptions, 'prefix'>>>, take = (_service: Service) => {}) =>
  (proxy: ProxyApi): readonly Mount[] => {
    const service = proxy.service({ id: 'manager', config: serviceSchema.parse(config) })
    take(service)
    return Object.entries(lanes).map(([prefix, options]) =>
      mountOf(prefix, prefix, service.lane({ prefix, ...options })),
    )
  }

const none = { sign: { type: 'none' } } as const
const keypair = { kind: 'keypair', accessKey: 'AKIA', secretKey: new Secret('secret'), role: 'user' } as const

test('lanes of one service cut their prefixes and sign each in its own way', async () => {
  await using upstream = await startRecordingUpstream()
  const sign = { type: 'backend-ai', credential: 'manager', apiVersion: 'v9.20250722', tokenLifetime: 60_000 } as const
  await using proxy = await startProxy({
    upstreams: [],
    principal: ada,
    credentials: { manager: keypair },
    feature: featureWith(
      { to: `${upstream.url}/v1` },
      {
        '/func/': { sign: { ...sign, mode: 'hmac' } },
        '/open/': { sign: { ...sign, mode: 'anonymous' }, forwardAuthorization: true },
      },
    ),
  })
  const headers = { authorization: 'Bearer theirs' }
  for (const path of ['/func/folders?x=%2F', '/open/']) await fetch(proxy.url + path, { headers })
  const [signed, open] = upstream.requests
  assert.deepEqual([signed?.target, open?.target], ['/v1/folders?x=%2F', '/v1/'])
  assert.match(signed?.all('authorization').join() ?? '', /^BackendAI signMethod=HMAC-SHA256, credential=AKIA:/)
  assert.deepEqual(open?.all('authorization'), ['Bearer theirs'])
})

test('a lane may keep cookies back, in both directions, and let only some headers through', async () => {
  await using upstream = await startRecordingUpstream(() =>
    ok('ok', 'set-cookie: AIOHTTP_SESSION=planted\r\nset-cookie: theme=dark\r\n'),
  )
  const lane = {
    ...none,
    droppedCookies: ['AIOHTTP_SESSION'],
    forwardedHeaders: ['cookie', 'x-backendai-sessionid', 'content-length', 'connection'],
  }
  await using proxy = await startProxy({
    upstreams: [],
    feature: featureWith({ to: upstream.url }, { '/func/': lane }),
  })
  const answer = await fetch(`${proxy.url}/func/`, {
    headers: {
      cookie: 'AIOHTTP_SESSION=0123; __Host-gatehouse=a.b; theme=light',
      'x-backendai-sessionid': 'its-own',
      'x-backendai_sessionid': 'in disguise',
      'x-foo': 'dropped',
      authorization: 'Bearer theirs',
      'x-forwarded-for': '203.0.113.1',
    },
  })
  assert.deepEqual(answer.headers.getSetCookie(), ['theme=dark'])
  const { headers } = await upstream.request(0)
  assert.deepEqual(
    headers.map(([name, value]) => (name === 'x-request-id' ? name : `${name}: ${value}`)),
    [
      `host: 127.0.0.1:${upstream.port}`,
      'connection: keep-alive',
      'cookie: theme=light',
      'x-backendai-sessionid: its-own',
      'x-forwarded-for: 127.0.0.1',
      'x-forwarded-proto: http',
      `x-forwarded-host: 127.0.0.1:${proxy.port}`,
      'x-request-id',
    ],
  )
})

test('a lane may cut the slashes behind its prefix; no others', async () => {
  await using upstream = await startRecordingUpstream()
  const lanes = { '/cut/': { ...none, cutsSlashes: true }, '/kept/': none }
  const feature = featureWith({ to: `${upstream.url}/v1` }, lanes)
  await using proxy = await startProxy({ upstreams: [], feature })
  for (const prefix of Object.keys(lanes)) {
    for (const rest of ['//a//b', '', '/?x=//']) await fetch(proxy.url + prefix + rest)
  }
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/v1/a//b', '/v1/', '/v1/?x=//', '/v1///a//b', '/v1/', '/v1//?x=//'],
  )
})

test('a lane may leave to the service where its redirects lead', async () => {
  await using upstream = await startRecordingUpstream(() => ok('ok', 'location: /login?to=x\r\n'))
  const lanes = { '/left/': { ...none, keepsLocations: true }, '/mapped/': none }
  await using proxy = await startProxy({ upstreams: [], feature: featureWith({ to: upstream.url }, lanes) })
  const locationAt = async (prefix: string) => (await fetch(proxy.url + prefix)).headers.get('location')
  assert.deepEqual([await locationAt('/left/'), await locationAt('/mapped/')], ['/login?to=x', '/mapped/login?to=x'])
})

test('WebSockets go along a lane, are counted, and share the limit of the service', async () => {
  await using upstream = await startEchoUpstream()
  const config = { to: upstream.url, webSockets: { maxPerSession: 1 } }
  const feature = featureWith(config, { '/func/': none, '/other/': none })
  await using proxy = await startProxy({ upstreams: [], principal: ada, feature })
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/func/socket?x=1`)
  await once(socket, 'open')
  assert.equal(upstream.handshakes[0]?.url, '/socket?x=1')
  assert.equal(await proxy.reading('tunnels_open'), 1)
  const [refusal] = await once(new WebSocket(`ws://127.0.0.1:${proxy.port}/other/socket`), 'error')
  assert.match(String(refusal), /429/)
  socket.close(4001, 'done')
  assert.deepEqual((await once(socket, 'close'))[0], 4001)
})

test('a reload leaves what goes along an unchanged lane, and ends what has no such lane any more', async () => {
  await using upstream = await startEchoUpstream()
  const start = (lanes: Parameters<typeof featureWith>[1]) =>
    startProxy({ upstreams: [], principal: ada, feature: featureWith({ to: upstream.url }, lanes) })
  await using before = await start({ '/func/': none, '/other/': none })
  await using after = await start({ '/func/': none })
  await using without = await startProxy({ upstreams: [] })
  const open = async (prefix: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${before.port}${prefix}socket`)
    await once(socket, 'open')
    return socket
  }
  const [kept, moved] = [await open('/func/'), await open('/other/')]
  const closed = once(moved, 'close')
  void before.part.retire?.(after.part.api)
  assert.equal((await closed)[0], 1012)
  kept.send('still there?')
  assert.equal(String((await once(kept, 'message'))[0]), 'still there?')
  const gone = once(kept, 'close')
  await before.part.retire?.(without.part.api)
  assert.equal((await gone)[0], 4404)
})

test('its endpoints are checked from the start of the proxy on, and it says which are well', async () => {
  const clock = createManualClock()
  const asked = Promise.withResolvers<void>()
  await using well = await startRecordingUpstream(() => ok())
  await using ill = await startRecordingUpstream(() => {
    asked.resolve()
    return 'HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n'
  })
  let service: Service | undefined
  const config = { to: [well.url, ill.url], healthCheck: { path: '/health', failures: 1 } }
  const feature = featureWith(config, { '/func/': none }, (made) => {
    service = made
  })
  await using proxy = await startProxy({ clock, upstreams: [], feature })
  await proxy.until('upstream_endpoint_up', 1)
  await asked.promise
  assert.deepEqual(service?.endpoints(), [
    { label: `127.0.0.1:${well.port}`, isHealthy: true },
    { label: `127.0.0.1:${ill.port}`, isHealthy: false },
  ])
  for (let each = 0; each < 3; each++) assert.equal((await fetch(`${proxy.url}/func/`)).status, 200)
})

test('its connections are closed when the proxy stops', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({
    upstreams: [],
    feature: featureWith({ to: upstream.url }, { '/func/': none }),
  })
  await fetch(`${proxy.url}/func/`)
  await proxy.part.stop?.()
  await upstream.whenIdle()
  const { code } = (await (await fetch(`${proxy.url}/func/`)).json()) as { code: string }
  assert.equal(code, 'upstream.stopping')
})

test('the id is nobody else’s, and services are made before the start', async () => {
  const config = serviceSchema.parse({ to: 'http://127.0.0.1:1' })
  await using proxy = await startProxy({
    upstreams: [{ id: 'taken', to: 'http://127.0.0.1:1' }],
    feature: (made) => {
      assert.throws(() => made.service({ id: 'taken', config }), /Two services are called taken/)
      return []
    },
  })
  assert.throws(() => proxy.part.api.service({ id: 'late', config }), /too late/)
})

test('a lane sends one Authorization: the signer’s or the client’s', async () => {
  const sign = { type: 'header', headers: { Authorization: 'Basic x' } } as const
  const feature = featureWith({ to: 'http://127.0.0.1:1' }, { '/func/': { sign, forwardAuthorization: true } })
  await assert.rejects(startProxy({ upstreams: [], feature }), /only one of the two/)
})

test('a section needs an address or a place where addresses are announced, and https where it has tls', () => {
  const faultsOf = (section: object) => serviceSchema.safeParse(section).error?.issues.map(({ path }) => path.join())
  assert.deepEqual(faultsOf({}), ['to'])
  assert.deepEqual(faultsOf({ to: 'http://m', tls: {} }), ['tls'])
  assert.equal(faultsOf({ discover: { type: 'etcd', prefix: '/services/m/' } }), undefined)
  assert.deepEqual(serviceSchema.parse({ discover: { type: 'etcd', prefix: '/services/m/' } }).to, [])
})
