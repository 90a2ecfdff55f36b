// Prefixes that are followed, against a real etcd: what becomes of them while it is away, and after.

import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { systemClock } from '#kernel'
import type { LogFields } from '#telemetry'
import { startFaultProxy } from '../../test/support/fault-proxy.ts'
import { type Etcd, isMissing, startEtcd } from '../../test/support/programs.ts'
import { etcdConfig } from './config.ts'
import { createEtcd, type PrefixWatch } from './index.ts'

const found = await startEtcd()
describe('what is under a prefix', { skip: isMissing(found) && found.missing }, () => {
  const etcd = found as Etcd
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })
  after(() => etcd.stop())

  const start = (endpoints: readonly string[] = etcd.urls) => {
    const events: LogFields[] = []
    const note = (fields: LogFields): void => void events.push(fields)
    const log = { debug: note, info: note, warn: note, error: note, child: () => log }
    const gauges = new Map<string, () => unknown>()
    const metrics = {
      counter: () => ({ add: () => {}, with: () => () => {} }),
      histogram: () => ({ observe: () => {}, with: () => () => {} }),
      gauge: ({ name }: { readonly name: string }, read: () => unknown) => void gauges.set(name, read),
    }
    const part = createEtcd(
      { clock: systemClock, telemetry: { log, metrics } },
      etcdConfig.parse({ endpoints, timeout: '300ms' }),
    )
    ends.push(async () => part.stop?.())
    const current = () => gauges.get('etcd_watch_current')?.()
    return { part, watch: part.api.watch, events, current }
  }

  const become = async (watch: PrefixWatch, wanted: Readonly<Record<string, string>>): Promise<void> => {
    const isSo = (): boolean => JSON.stringify(Object.fromEntries(watch.entries ?? [])) === JSON.stringify(wanted)
    if (isSo()) return
    const so = Promise.withResolvers<void>()
    const forget = watch.onChange(() => isSo() && so.resolve())
    await so.promise
    forget()
  }

  test('is followed, put and deleted, as fast as it changes', async () => {
    const { watch } = start()
    const watched = watch('/a/')
    await watched.tried
    assert.equal(watched.entries?.size, 0)
    for (let count = 0; count < 20; count++) await etcd.put(`/a/${count % 3}`, String(count))
    await become(watched, { '/a/0': '18', '/a/1': '19', '/a/2': '17' })
    await etcd.ctl('del', '--prefix', '/a/')
    await become(watched, {})
  })

  test('stands while etcd is away, and follows again when it is back', async () => {
    await using link = await startFaultProxy({ port: Number(new URL(etcd.urls[0] ?? '').port) })
    const { watch, events, current } = start([`http://127.0.0.1:${link.port}`])
    await etcd.put('/b/x', '1')
    const watched = watch('/b/')
    await watched.tried
    assert.deepEqual(current(), [{ labels: { prefix: '/b/' }, value: 1 }])
    await link.refuse()
    await etcd.put('/b/x', '2')
    while (watched.failure === undefined) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(Object.fromEntries(watched.entries ?? []), { '/b/x': '1' })
    assert.deepEqual(current(), [{ labels: { prefix: '/b/' }, value: 0 }])
    await link.accept()
    await become(watched, { '/b/x': '2' })
    assert.equal(watched.failure, undefined)
    assert.deepEqual(
      events.map(({ event, prefix }) => `${event} ${String(prefix)}`),
      ['etcd_lost /b/', 'etcd_back /b/'],
    )
  })

  test('stands while etcd is silent, and follows again when it speaks', async () => {
    await using link = await startFaultProxy({ port: Number(new URL(etcd.urls[0] ?? '').port) })
    const { watch } = start([`http://127.0.0.1:${link.port}`])
    const watched = watch('/c/')
    await watched.tried
    link.injectBothWays({ isSilent: true })
    await etcd.put('/c/x', '1')
    while (watched.failure === undefined) await new Promise((resolve) => setImmediate(resolve))
    link.injectBothWays({})
    link.reset()
    await become(watched, { '/c/x': '1' })
  })

  test('is right again after an etcd that has forgotten more than we know', async () => {
    const other = (await startEtcd()) as Etcd
    await using link = await startFaultProxy({ port: Number(new URL(etcd.urls[0] ?? '').port) })
    const { watch } = start([`http://127.0.0.1:${link.port}`, ...other.urls])
    try {
      await etcd.put('/d/x', 'new')
      // As one restored from a backup: its revisions are behind those that were seen.
      await other.put('/d/x', 'old')
      const watched = watch('/d/')
      await become(watched, { '/d/x': 'new' })
      await link.refuse()
      await become(watched, { '/d/x': 'old' })
      await other.put('/d/x', 'newer')
      await become(watched, { '/d/x': 'newer' })
    } finally {
      await other.stop()
    }
  })

  test('is read once for all who ask, and known at once to who comes later, also while etcd is away', async () => {
    await using link = await startFaultProxy({ port: Number(new URL(etcd.urls[0] ?? '').port) })
    const { watch, current } = start([`http://127.0.0.1:${link.port}`])
    await etcd.put('/e/x', '1')
    const first = watch('/e/')
    await first.tried
    await link.refuse()
    const second = watch('/e/')
    assert.deepEqual(Object.fromEntries(second.entries ?? []), { '/e/x': '1' })
    first.stop()
    first.stop()
    await link.accept()
    await etcd.put('/e/x', '2')
    await become(second, { '/e/x': '2' })
    second.stop()
    assert.deepEqual(current(), [])
  })

  test('that could never be read says why', async () => {
    const { watch } = start(['http://127.0.0.1:1'])
    const watched = watch('/f/')
    await watched.tried
    assert.equal(watched.entries, undefined)
    assert.match(watched.failure?.message ?? '', /127\.0\.0\.1:1: .*ECONNREFUSED/)
  })
})
