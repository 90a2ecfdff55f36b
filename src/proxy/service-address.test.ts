// Names that lead nowhere a service is: the connection does not come about, whoever opens it and whatever it is for.

import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { upstreamsConfig } from './config.ts'
import { createConnectionPool } from './connection-pool.ts'
import { readMembers } from './discovery.ts'
import { Endpoint } from './endpoint.ts'
import { openSocket } from './open-socket.ts'
import { createServiceLookup, lookUpService } from './service-address.ts'
import { requestOf } from './undici.ts'
import { parseUpstreamUrl } from './upstream-url.ts'

const [config = assert.fail()] = upstreamsConfig.parse([{ path: '/api/m/', to: 'http://m:1' }])
const clock = createManualClock()

/** A name server that says this of every name. */
const answering = (...addresses: readonly string[]): LookupFunction =>
  createServiceLookup((_hostname, options, callback) => {
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all) callback(null, found)
    else callback(null, found[0]?.address ?? '', found[0]?.family)
  })

const lookedUp = (lookup: LookupFunction, all: boolean): Promise<unknown> =>
  new Promise((resolve) => {
    lookup('m.test', { all }, (error, found) => resolve(error?.code ?? found))
  })

test('a name is resolved as ever, unless any of its addresses is where no service is', async () => {
  assert.deepEqual(await lookedUp(answering('127.0.0.1'), false), '127.0.0.1')
  assert.deepEqual(await lookedUp(answering('10.0.0.1', 'fd00::1'), true), [
    { address: '10.0.0.1', family: 4 },
    { address: 'fd00::1', family: 6 },
  ])
  for (const all of [true, false])
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254', '0.0.0.0', '::'])
      assert.equal(await lookedUp(answering(address), all), 'ENOSERVICE', address)
  assert.equal(await lookedUp(answering('10.0.0.1', '169.254.169.254'), true), 'ENOSERVICE')
  const failing = createServiceLookup((_hostname, _options, callback) =>
    callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), ''),
  )
  assert.equal(await lookedUp(failing, true), 'ENOTFOUND')
})

test('requests and WebSockets go where the name leads, or say that they cannot', async () => {
  await using upstream = await startRecordingUpstream(() => ok())
  const { port } = new URL(upstream.url)
  const outgoing = { method: 'GET', target: '/', host: 'm.test', headers: [], hasBody: false, isUpgrade: true }
  const handshake = { key: 'dGhlIHNhbXBsZSBub25jZQ==', protocols: [] }
  const tryBoth = async (address: string) => {
    const url = { ...parseUpstreamUrl(`http://m.test:${port}`), lookup: answering(address) }
    const pool = createConnectionPool({ url, tls: undefined, connectMs: 5000, clock }, config)
    const status = requestOf(pool, { method: 'GET', path: '/' }).then(
      async ({ statusCode, body }) => {
        await body.dump()
        return statusCode
      },
      ({ code }: NodeJS.ErrnoException) => code,
    )
    const opening = openSocket({ upstream: 'm', config, clock }, url, outgoing, handshake, new AbortController().signal)
    const outcome = [await status, await opening.catch(({ code }: NodeJS.ErrnoException) => code)]
    await pool.destroy()
    return outcome
  }
  assert.deepEqual(await tryBoth('127.0.0.1'), [200, 'upstream.webSocketRefused'])
  const asked = upstream.requests.length
  assert.deepEqual(await tryBoth('0.0.0.0'), ['ENOSERVICE', 'upstream.refused'])
  assert.equal(upstream.requests.length, asked)
})

test('endpoints that are announced are looked up so, those of the configuration as the operator’s name server says', () => {
  const { members } = readMembers(config.to, new Map([['/m/1', 'http://n:1']]), { needsTls: false })
  const lookups = members.map((member) => new Endpoint(member, { upstream: 'm', config, clock }).url.lookup)
  assert.deepEqual(lookups, [undefined, lookUpService])
})
