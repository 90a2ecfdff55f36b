// Endpoints that are announced in a real etcd: used when they come, left when they go, within two seconds and without a
// restart. That etcd is away changes nothing that works.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type Etcd, isMissing, startEtcd, waitUntil } from '../support/programs.ts'
import { accepting, frame } from '../support/raw-web-socket.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

const WITHIN_MS = 2000

/** Answers everything with its name; a WebSocket is let in; `/slow` waits until it may answer. */
function startMember(name: string, mayAnswer: Promise<void> = Promise.resolve()): Promise<RecordingUpstream> {
  return startRecordingUpstream(async (request, socket) => {
    if (request.all('upgrade').length > 0)
      return accepting((opened) => void opened.write(frame(1, name)))(request, socket)
    if (request.target === '/slow') await mayAnswer
    return ok(name)
  })
}

async function ask({ url }: TestGateway, path = '/api/m/x'): Promise<string> {
  const answer = await fetch(url + path)
  return answer.status === 200 ? answer.text() : String(answer.status)
}

/** The names that answer ten requests. */
async function whoAnswers(gateway: TestGateway): Promise<string> {
  const names = new Set<string>()
  for (let count = 0; count < 10; count++) names.add(await ask(gateway))
  return [...names].sort().join('')
}

async function becomes(gateway: TestGateway, names: string): Promise<number> {
  const began = performance.now()
  while ((await whoAnswers(gateway)) !== names) {
    if (performance.now() - began > 10_000) assert.fail(`still ${await whoAnswers(gateway)}, not ${names}`)
  }
  return performance.now() - began
}

const eventsOf = ({ logs }: TestGateway, event: string) => logs.filter((line) => line.event === event)

async function metricOf({ metricsUrl }: TestGateway, line: string): Promise<string | undefined> {
  const text = await (await fetch(metricsUrl)).text()
  return text
    .split('\n')
    .find((each) => each.startsWith(line))
    ?.split(' ')
    .at(-1)
}

const found = await startEtcd()
describe('endpoints from etcd', { skip: isMissing(found) && found.missing }, () => {
  const etcd = found as Etcd
  after(() => etcd.stop())
  let count = 0
  const freshPrefix = () => `/services/${count++}/`

  const startLink = (): Promise<FaultProxy> => startFaultProxy({ port: Number(new URL(etcd.urls[0] ?? '').port) })
  const layer = (prefix: string, upstream: object = {}, endpoints: readonly string[] = etcd.urls) => ({
    etcd: { endpoints, timeout: '500ms' },
    upstreams: [{ id: 'm', path: '/api/m/', discover: { type: 'etcd', prefix }, allow: ['public'], ...upstream }],
  })

  test('one that is announced is used, and one that is withdrawn is not, within two seconds', async () => {
    const prefix = freshPrefix()
    await using a = await startMember('a')
    await using b = await startMember('b')
    await etcd.put(`${prefix}a`, a.url)
    await using gateway = await startGateway({ config: layer(prefix) })
    assert.equal(await whoAnswers(gateway), 'a')
    await etcd.put(`${prefix}b`, JSON.stringify({ url: b.url, weight: 2 }))
    assert.ok((await becomes(gateway, 'ab')) < WITHIN_MS)
    await etcd.remove(`${prefix}a`)
    assert.ok((await becomes(gateway, 'b')) < WITHIN_MS)
    await a.whenIdle()
    await etcd.remove(`${prefix}b`)
    assert.ok((await becomes(gateway, '503')) < WITHIN_MS)
    await etcd.put(`${prefix}c`, a.url)
    assert.ok((await becomes(gateway, 'a')) < WITHIN_MS)
    assert.equal(eventsOf(gateway, 'endpoint_added').length, 3)
    assert.equal(eventsOf(gateway, 'endpoint_removed').length, 2)
    assert.equal(eventsOf(gateway, 'endpoints_none').length, 1)
    assert.equal(await metricOf(gateway, 'gatehouse_upstream_endpoint_up{upstream="m"'), '1')
  })

  test('one that is withdrawn finishes what it has; its WebSockets are told to come back', async () => {
    const prefix = freshPrefix()
    const mayAnswer = Promise.withResolvers<void>()
    await using a = await startMember('a', mayAnswer.promise)
    await using b = await startMember('b')
    await etcd.put(`${prefix}a`, a.url)
    await using gateway = await startGateway({ config: layer(prefix) })
    const slow = ask(gateway, '/api/m/slow')
    await a.request(0)
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/m/socket`)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await etcd.put(`${prefix}b`, b.url)
    await etcd.remove(`${prefix}a`)
    const [code, reason] = (await closed) as [number, Buffer]
    assert.deepEqual([code, reason.toString()], [1012, 'the service has moved'])
    await becomes(gateway, 'b')
    const busy = 'gatehouse_upstream_endpoint_requests_in_flight{'
    assert.equal(await metricOf(gateway, `${busy}upstream="m",endpoint="127.0.0.1:${a.port}"}`), '1')
    mayAnswer.resolve()
    assert.equal(await slow, 'a')
    await a.whenIdle()
  })

  test('a WebSocket from before a reload ends too when its endpoint is withdrawn; the log says it once', async () => {
    const prefix = freshPrefix()
    await using a = await startMember('a')
    await using b = await startMember('b')
    await etcd.put(`${prefix}a`, a.url)
    await using gateway = await startGateway({ config: layer(prefix) })
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/m/socket`)
    await once(socket, 'open')
    await gateway.reload(layer(prefix, { title: 'Renamed' }))
    await etcd.put(`${prefix}b`, b.url)
    await becomes(gateway, 'ab')
    assert.equal(socket.readyState, WebSocket.OPEN)
    const closed = once(socket, 'close')
    await etcd.remove(`${prefix}a`)
    assert.equal((await closed)[0], 1012)
    await becomes(gateway, 'b')
    assert.equal(eventsOf(gateway, 'endpoint_removed').length, 1)
  })

  test('etcd goes away: all goes on as it was, also over a reload, and numbers and the log say so', async () => {
    const prefix = freshPrefix()
    await using a = await startMember('a')
    await using b = await startMember('b')
    await etcd.put(`${prefix}a`, a.url)
    await using link = await startLink()
    const config = (change: object = {}) => layer(prefix, change, [`http://127.0.0.1:${link.port}`])
    await using gateway = await startGateway({ config: config() })
    assert.equal(await metricOf(gateway, 'gatehouse_etcd_watch_current'), '1')
    await link.refuse()
    await etcd.put(`${prefix}b`, b.url)
    await waitUntil(async () => (await metricOf(gateway, 'gatehouse_etcd_watch_current')) === '0')
    assert.equal(await metricOf(gateway, 'gatehouse_etcd_watch_losses_total'), '1')
    assert.match(String(eventsOf(gateway, 'etcd_lost')[0]?.reason), /cut|ECONN/)
    assert.equal(await whoAnswers(gateway), 'a')
    await gateway.reload(config({ title: 'Renamed' }))
    assert.equal(await whoAnswers(gateway), 'a')
    assert.equal((await fetch(`${gateway.url}/readyz`)).status, 200)
    await link.accept()
    assert.ok((await becomes(gateway, 'ab')) < WITHIN_MS)
    assert.equal(await metricOf(gateway, 'gatehouse_etcd_watch_current'), '1')
    assert.equal(eventsOf(gateway, 'etcd_back').length, 1)
  })

  test('etcd itself is killed and comes back', async () => {
    const own = (await startEtcd()) as Etcd
    try {
      await using a = await startMember('a')
      await using b = await startMember('b')
      await own.put('/m/a', a.url)
      await using gateway = await startGateway({ config: layer('/m/', {}, own.urls) })
      await own.halt()
      await waitUntil(async () => (await metricOf(gateway, 'gatehouse_etcd_watch_current')) === '0')
      assert.equal(await whoAnswers(gateway), 'a')
      await own.restart()
      await own.put('/m/b', b.url)
      assert.ok((await becomes(gateway, 'ab')) < WITHIN_MS)
    } finally {
      await own.stop()
    }
  })

  test('without etcd nothing starts, unless endpoints are configured too; those stay among the announced', async () => {
    const prefix = freshPrefix()
    await using a = await startMember('a')
    await using b = await startMember('b')
    await etcd.put(`${prefix}b`, b.url)
    await using link = await startLink()
    await link.refuse()
    const endpoints = [`http://127.0.0.1:${link.port}`]
    await assert.rejects(startGateway({ config: layer(prefix, {}, endpoints) }), (error: Error) => {
      assert.match(error.message, /The endpoints of the upstream m are not known/)
      assert.match(error.message, /ECONNREFUSED/)
      assert.match(error.message, /list endpoints in `to`/)
      return true
    })
    await using gateway = await startGateway({ config: layer(prefix, { to: a.url }, endpoints) })
    assert.equal(await whoAnswers(gateway), 'a')
    assert.equal(eventsOf(gateway, 'discovery_failed').length, 1)
    await link.accept()
    assert.ok((await becomes(gateway, 'ab')) < WITHIN_MS)
    await etcd.remove(`${prefix}b`)
    assert.ok((await becomes(gateway, 'a')) < WITHIN_MS)
  })

  test('what a key says wrong is left out and logged once, by its key', async () => {
    const prefix = freshPrefix()
    await using a = await startMember('a')
    await etcd.put(`${prefix}a`, a.url)
    await etcd.put(`${prefix}wrong`, 'unix:/var/run/docker.sock')
    await using gateway = await startGateway({ config: layer(prefix) })
    assert.equal(await whoAnswers(gateway), 'a')
    const [refused] = eventsOf(gateway, 'endpoint_refused')
    assert.equal(refused?.key, `${prefix}wrong`)
    await etcd.put(`${prefix}b`, '{ url: http://127.0.0.1:1, weight: 1 }')
    await waitUntil(async () => eventsOf(gateway, 'endpoint_added').length === 2)
    assert.equal(eventsOf(gateway, 'endpoint_refused').length, 1)
  })

  test('a reload to another prefix, or away from etcd, follows', async () => {
    const [one, two] = [freshPrefix(), freshPrefix()]
    await using a = await startMember('a')
    await using b = await startMember('b')
    await etcd.put(`${one}a`, a.url)
    await etcd.put(`${two}b`, b.url)
    await using gateway = await startGateway({ config: layer(one) })
    await gateway.reload(layer(two))
    assert.equal(await whoAnswers(gateway), 'b')
    await gateway.reload(layer(two, { discover: undefined, to: a.url }))
    assert.equal(await whoAnswers(gateway), 'a')
    await waitUntil(async () => (await metricOf(gateway, 'gatehouse_etcd_watch_current')) === undefined)
  })
})
