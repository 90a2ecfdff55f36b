// The client against a real etcd: several members, passwords, TLS, compaction, and members that are away.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { formatProblem, loadConfig } from '#config'
import { type Clock, systemClock } from '#kernel'
import { startFaultProxy } from '../../test/support/fault-proxy.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { type Etcd, isMissing, startEtcd, tlsFiles, waitUntil } from '../../test/support/programs.ts'
import { createEtcdClient } from './client.ts'
import { etcdConfig } from './config.ts'

const clientOf = (config: object, clock: Clock = systemClock) => {
  const loaded = loadConfig({
    files: [{ name: 'test.yaml', text: JSON.stringify({ password: { env: 'PASSWORD' }, ...config }) }],
    env: { PASSWORD: 'secret', WRONG: 'wrong' },
    schema: etcdConfig,
    cwd: '/',
  })
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return createEtcdClient(loaded.config, clock)
}
const anybody = { password: null }
const plain = (reading: { readonly entries: ReadonlyMap<string, string> }) => Object.fromEntries(reading.entries)
const never = new AbortController().signal
const portOf = (url: string | undefined): number => Number(new URL(url ?? '').port)

const found = await startEtcd()
describe('one member', { skip: isMissing(found) && found.missing }, () => {
  const etcd = found as Etcd
  after(() => etcd.stop())

  test('a prefix is read whole, with nothing of its siblings', async () => {
    await etcd.put('/a/one/x', '1')
    await etcd.put('/a/one/ü', 'ö')
    await etcd.put('/a/one/', '')
    await etcd.put('/a/one2/x', '2')
    const client = clientOf({ endpoints: etcd.urls, ...anybody })
    const { entries } = await client.read('/a/one/')
    assert.deepEqual(Object.fromEntries(entries), { '/a/one/': '', '/a/one/x': '1', '/a/one/ü': 'ö' })
    assert.equal((await client.read('/nothing/')).entries.size, 0)
    client.close()
  })

  test('what changes is told: also what changed before anybody listened, and not what changed elsewhere', async () => {
    // On this clock no watch is put anew.
    const client = clientOf({ endpoints: etcd.urls, ...anybody }, createManualClock())
    const first = await client.read('/b/')
    await etcd.put('/b/x', '1')
    await client.whenChanged(first, never)
    const second = await client.read('/b/')
    assert.deepEqual(plain(second), { '/b/x': '1' })
    const told = client.whenChanged(second, never).then(() => 'told')
    await etcd.put('/elsewhere/x', '1')
    assert.equal(await Promise.race([told, client.read('/b/').then(() => 'not told')]), 'not told')
    await etcd.remove('/b/x')
    assert.equal(await told, 'told')
    assert.deepEqual(plain(await client.read('/b/')), {})
    client.close()
  })

  test('where the past has been compacted away, one is told to look anew', async () => {
    const client = clientOf({ endpoints: etcd.urls, ...anybody }, createManualClock())
    const first = await client.read('/c/')
    await etcd.put('/c/x', '1')
    await etcd.put('/c/x', '2')
    await etcd.compact()
    await client.whenChanged(first, never)
    assert.deepEqual(plain(await client.read('/c/')), { '/c/x': '2' })
    client.close()
  })

  test('a stream that has died in silence is given up after five seconds', async () => {
    const clock = createManualClock()
    await using link = await startFaultProxy({ port: portOf(etcd.urls[0]) })
    const client = clientOf({ endpoints: [`http://127.0.0.1:${link.port}`], ...anybody }, clock)
    const reading = await client.read('/silent/')
    const before = await etcd.watchers()
    let isOver = false
    const waiting = client.whenChanged(reading, never).finally(() => {
      isOver = true
    })
    await waitUntil(async () => (await etcd.watchers()) > before)
    link.injectBothWays({ isSilent: true })
    clock.advance(4999)
    await etcd.put('/silent/x', '1')
    assert.equal(isOver, false)
    clock.advance(1)
    await waiting
    client.close()
  })

  test('a wait that nobody waits for any more ends', async () => {
    const client = clientOf({ endpoints: etcd.urls, ...anybody })
    const reading = await client.read('/d/')
    const stopping = new AbortController()
    const waiting = client.whenChanged(reading, stopping.signal)
    stopping.abort()
    await waiting
    client.close()
  })

  test('a member that is silent is given up in time, and another is asked; all of them are named', async () => {
    await using silent = await startFaultProxy({ port: portOf(etcd.urls[0]) })
    silent.injectBothWays({ isSilent: true })
    const away = `http://127.0.0.1:${silent.port}`
    const both = clientOf({ endpoints: [away, ...etcd.urls], timeout: '100ms', ...anybody })
    assert.equal((await both.read('/a/one2/')).endpoint, etcd.urls[0])
    both.close()
    const none = clientOf({ endpoints: [away, 'http://127.0.0.1:1'], timeout: '100ms', ...anybody })
    await assert.rejects(none.read('/a/'), (error: Error) => {
      assert.match(error.message, /no answer within 100 ms/)
      assert.match(error.message, /ECONNREFUSED/)
      return true
    })
    none.close()
  })

  test('a link that is cut ends the wait', async () => {
    await using link = await startFaultProxy({ port: portOf(etcd.urls[0]) })
    const client = clientOf({ endpoints: [`http://127.0.0.1:${link.port}`], ...anybody })
    const waiting = client.whenChanged(await client.read('/e/'), never)
    await client.read('/e/')
    link.reset()
    await assert.rejects(waiting, { name: 'EtcdFailure', kind: 'unavailable' })
    client.close()
  })

  test('what is no etcd is named as such', async () => {
    const client = clientOf({ endpoints: [`http://127.0.0.1:${await startOther()}`], ...anybody })
    await assert.rejects(client.read('/a/'), /404|JSON gateway/)
    client.close()
  })
})

async function startOther(): Promise<number> {
  const { createServer } = await import('node:http')
  const server = createServer((_, response) => void response.writeHead(404).end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  server.unref()
  return (server.address() as { port: number }).port
}

describe('passwords', { skip: isMissing(found) && found.missing }, () => {
  let etcd: Etcd
  before(async () => {
    etcd = (await startEtcd()) as Etcd
    await etcd.ctl('user', 'add', 'gatehouse:secret')
    await etcd.ctl('role', 'add', 'reader')
    await etcd.ctl('role', 'grant-permission', '--prefix=true', 'reader', 'read', '/gatehouse/')
    await etcd.ctl('user', 'grant-role', 'gatehouse', 'reader')
    await etcd.put('/gatehouse/x', '1')
  })
  after(() => etcd.stop())

  test('before anybody is asked for one, it does no harm', async () => {
    const client = clientOf({ endpoints: etcd.urls, user: 'gatehouse' })
    assert.deepEqual(plain(await client.read('/gatehouse/')), { '/gatehouse/x': '1' })
    await etcd.demandPasswords()
    assert.deepEqual(plain(await client.read('/gatehouse/')), { '/gatehouse/x': '1' }, 'it logs in when it is asked to')
    client.close()
  })

  test('a user reads and watches what it may, and is told what it may not', async () => {
    const client = clientOf({ endpoints: etcd.urls, user: 'gatehouse' })
    const reading = await client.read('/gatehouse/')
    const told = client.whenChanged(reading, never)
    await etcd.put('/gatehouse/x', '2')
    await told
    await assert.rejects(client.read('/other/'), { kind: 'refused', message: /permission denied/ })
    await assert.rejects(client.whenChanged({ ...reading, prefix: '/other/' }, never), { message: /permission denied/ })
    client.close()
  })

  test('where a token is not known any more, one logs in again, to read as to watch', async () => {
    const client = clientOf({ endpoints: etcd.urls, user: 'gatehouse' })
    const reading = await client.read('/gatehouse/')
    await etcd.forgetTokens()
    const told = client.whenChanged(reading, never)
    await etcd.put('/gatehouse/x', '3')
    await told
    await etcd.forgetTokens()
    assert.deepEqual(plain(await client.read('/gatehouse/')), { '/gatehouse/x': '3' })
    client.close()
  })

  test('a wrong password, or none, is said, and the password is not', async () => {
    const wrong = clientOf({ endpoints: etcd.urls, user: 'gatehouse', password: { env: 'WRONG' } })
    await assert.rejects(wrong.read('/gatehouse/'), (error: Error) => {
      assert.match(error.message, /authentication failed/)
      assert.doesNotMatch(error.message, /wrong|d3Jvbmc/)
      return true
    })
    wrong.close()
    const nobody = clientOf({ endpoints: etcd.urls, ...anybody })
    await assert.rejects(nobody.read('/gatehouse/'), /user name is empty/)
    nobody.close()
  })
})

describe('TLS', { skip: isMissing(found) && found.missing }, () => {
  test('the authority is checked, and who asks for our certificate gets it', async () => {
    const etcd = (await startEtcd({ tls: 'clients' })) as Etcd
    try {
      await etcd.put('/a/x', '1')
      const { certificate, key } = tlsFiles
      const known = clientOf({ endpoints: etcd.urls, tls: { ca: certificate, certificate, key }, ...anybody })
      assert.deepEqual(plain(await known.read('/a/')), { '/a/x': '1' })
      known.close()
      for (const tls of [{ certificate, key }, { ca: certificate }]) {
        const stranger = clientOf({ endpoints: etcd.urls, tls, ...anybody })
        await assert.rejects(stranger.read('/a/'), { kind: 'unavailable' })
        stranger.close()
      }
    } finally {
      await etcd.stop()
    }
  })
})

describe('three members', { skip: isMissing(found) && found.missing }, () => {
  test('one that goes is left for another; one that is alone says so', async () => {
    const etcd = (await startEtcd({ members: 3 })) as Etcd
    try {
      await etcd.put('/a/x', '1')
      const client = clientOf({ endpoints: etcd.urls, ...anybody })
      const reading = await client.read('/a/')
      assert.equal(reading.endpoint, etcd.urls[0])
      const lost = assert.rejects(client.whenChanged(reading, never), { kind: 'unavailable' })
      await client.read('/a/')
      await etcd.halt(0)
      await lost
      assert.notEqual((await client.read('/a/')).endpoint, etcd.urls[0])
      client.close()

      const alone = clientOf({ endpoints: [etcd.urls[1]], timeout: '1s', ...anybody })
      const cancelled = assert.rejects(alone.whenChanged(await alone.read('/a/'), never), {
        kind: 'unavailable',
        message: /ended the stream|no leader/,
      })
      await etcd.halt(2)
      await cancelled
      await assert.rejects(alone.read('/a/'), { kind: 'unavailable' })
      alone.close()
    } finally {
      await etcd.stop()
    }
  })
})
