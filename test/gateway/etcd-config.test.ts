// Settings that are kept in a real etcd: over those of the file, checked as those are, taken up while the gateway runs, in
// one process and in several. What is wrong there, and that etcd is away, leaves the last good ones.

import assert from 'node:assert/strict'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type Etcd, isMissing, makeDirectory, startEtcd, waitUntil } from '../support/programs.ts'
import { runCommand } from '../support/run-command.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'

const found = await startEtcd()
describe('settings in etcd', { skip: isMissing(found) && found.missing }, async () => {
  const etcd = found as Etcd
  const upstream: EchoUpstream = await startEchoUpstream()
  after(async () => {
    await upstream.close()
    await etcd.stop()
  })
  let count = 0
  const freshPrefix = () => `/gatehouse/${count++}/`
  const startLink = (): Promise<FaultProxy> => startFaultProxy({ port: Number(new URL(etcd.urls[0] ?? '').port) })

  const base = (prefix: string, endpoints: readonly string[] = etcd.urls) => ({
    etcd: { endpoints, configPrefix: prefix, timeout: '500ms' },
    upstreams: [{ id: 'one', path: '/one/', to: upstream.url, allow: ['public'] }],
    telemetry: { metrics: { listen: '127.0.0.1:0' } },
  })
  const two = () => `{ path: /two/, to: "${upstream.url}", allow: [public] }`

  const statusOf = async ({ url }: GatewayProcess, path: string): Promise<number> => {
    const { status, body } = await fetch(url + path)
    await body?.cancel()
    return status
  }
  const metricOf = async (gateway: GatewayProcess, name: string): Promise<string | undefined> => {
    const { metrics } = await gateway.said('ready')
    const text = await (await fetch(String(metrics))).text()
    return text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1)
  }

  const directory = makeDirectory('etcd-config')
  function write(config: object): string {
    const file = join(directory, `${count++}.yaml`)
    writeFileSync(file, stringify({ storage: { directory: join(directory, 'data') }, ...config }))
    return file
  }

  test('they are there at the start, and followed within two seconds', async () => {
    const prefix = freshPrefix()
    await etcd.put(`${prefix}upstreams/two`, two())
    await using gateway = await startGatewayProcess({ config: base(prefix) })
    assert.deepEqual([await statusOf(gateway, '/one/x'), await statusOf(gateway, '/two/x')], [200, 200])
    const began = performance.now()
    const reloaded = gateway.saysNext('config_reloaded')
    await etcd.put(`${prefix}upstreams/one/path`, '/uno/')
    const { cause, changed } = await reloaded
    assert.ok(performance.now() - began < 2000)
    assert.equal(cause, 'etcd')
    assert.ok((changed as readonly string[]).includes('upstreams.one.path'))
    assert.deepEqual([await statusOf(gateway, '/one/x'), await statusOf(gateway, '/uno/x')], [404, 200])
    const back = gateway.saysNext('config_reloaded')
    await etcd.ctl('del', '--prefix', prefix)
    await back
    assert.deepEqual([await statusOf(gateway, '/one/x'), await statusOf(gateway, '/two/x')], [200, 404])
  })

  test('what is wrong there is logged by its key and changes nothing; the last good ones go on', async () => {
    const prefix = freshPrefix()
    await using gateway = await startGatewayProcess({ config: base(prefix) })
    const failed = gateway.saysNext('config_reload_failed')
    const told = gateway.saysNext('config_problem')
    await etcd.put(`${prefix}upstreams/one/timeouts/idle`, 'soon')
    assert.equal((await failed).cause, 'etcd')
    const { place, setting, why } = await told
    assert.equal(place, `etcd ${prefix}upstreams/one/timeouts/idle`)
    assert.equal(setting, 'upstreams[0].timeouts.idle')
    assert.match(String(why), /a duration is/)
    assert.equal(await statusOf(gateway, '/one/x'), 200)
    assert.equal(await metricOf(gateway, 'gatehouse_config_last_reload_successful'), '0')
    const good = gateway.saysNext('config_reloaded')
    await etcd.put(`${prefix}upstreams/one/timeouts/idle`, '30s')
    await good
    assert.equal(await metricOf(gateway, 'gatehouse_config_last_reload_successful'), '1')
  })

  test('what makes less safe is warned of when it is taken up, once', async () => {
    const prefix = freshPrefix()
    await using gateway = await startGatewayProcess({ config: base(prefix) })
    const warned = gateway.saysNext('config_warning')
    const reckless = '{ path: /x/, to: "https://x:1", allow: [public], tls: { dangerouslyAcceptAnyCertificate: true } }'
    await etcd.put(`${prefix}upstreams/reckless`, reckless)
    assert.match(String((await warned).msg), /dangerouslyAcceptAnyCertificate/)
    const reloaded = gateway.saysNext('config_reloaded')
    await etcd.put(`${prefix}upstreams/two`, two())
    await reloaded
    assert.equal(gateway.logs.filter(({ event }) => event === 'config_warning').length, 1)
  })

  test('etcd goes away: all goes on, a file that changes is taken up with what etcd held, and it is followed again', async () => {
    const prefix = freshPrefix()
    await using link = await startLink()
    await etcd.put(`${prefix}upstreams/two`, two())
    await using gateway = await startGatewayProcess({ config: base(prefix, [`http://127.0.0.1:${link.port}`]) })
    const lost = gateway.said('etcd_lost')
    await link.refuse()
    await lost
    assert.equal(await metricOf(gateway, 'gatehouse_etcd_watch_current'), '0')
    const changed = gateway.saysNext('config_reloaded')
    const config = parse(readFileSync(gateway.configFile, 'utf8')) as ReturnType<typeof base>
    const next = { ...config, upstreams: config.upstreams.map((each) => ({ ...each, path: '/uno/' })) }
    writeFileSync(`${gateway.configFile}.new`, stringify(next))
    renameSync(`${gateway.configFile}.new`, gateway.configFile)
    assert.equal((await changed).cause, 'files')
    assert.deepEqual([await statusOf(gateway, '/uno/x'), await statusOf(gateway, '/two/x')], [200, 200])
    await etcd.put(`${prefix}upstreams/two/path`, '/due/')
    const followed = gateway.saysNext('config_reloaded')
    await link.accept()
    await followed
    assert.deepEqual([await statusOf(gateway, '/due/x'), await statusOf(gateway, '/two/x')], [200, 404])
  })

  test('several processes have the same ones, also one that takes the place of another while etcd is away', async () => {
    const prefix = freshPrefix()
    await using link = await startLink()
    await etcd.put(`${prefix}upstreams/two`, two())
    const config = { ...base(prefix, [`http://127.0.0.1:${link.port}`]), server: { processes: 2 } }
    await using gateway = await startGatewayProcess({ config })
    const statuses = async (path: string) => {
      const all = new Set<number>()
      for (let each = 0; each < 6; each++) all.add(await statusOf(gateway, path))
      return [...all]
    }
    assert.deepEqual(await statuses('/two/x'), [200])
    const reloaded = gateway.saysNext('config_reloaded')
    await etcd.put(`${prefix}upstreams/two/path`, '/due/')
    await reloaded
    assert.deepEqual([await statuses('/two/x'), await statuses('/due/x')], [[404], [200]])
    await link.refuse()
    await gateway.said('etcd_lost')
    const workers = () => gateway.logs.filter(({ event }) => event === 'worker_ready')
    const before = workers().length
    const [first] = readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8').split(' ')
    process.kill(Number(first), 'SIGKILL')
    await waitUntil(async () => workers().length > before)
    assert.deepEqual(await statuses('/due/x'), [200])
  })

  test('without etcd, or with something wrong in it, nothing starts, and it is said why', async () => {
    const prefix = freshPrefix()
    const away = base(prefix, ['http://127.0.0.1:1'])
    await assert.rejects(startGatewayProcess({ config: away }), (error: Error) => {
      assert.match(error.message, /etcd\.configPrefix\n {2}cannot be read\n {2}why: .*127\.0\.0\.1:1: .*ECONNREFUSED/)
      assert.match(error.message, /fix: start etcd, or correct the section etcd/)
      return true
    })
    await etcd.put(`${prefix}upstreams/one/pth`, '/x/')
    await assert.rejects(startGatewayProcess({ config: base(prefix) }), /etcd \/gatehouse.*\n {2}unknown key/)
  })

  test('check, print and plan have them in', async () => {
    const prefix = freshPrefix()
    const file = write({ ...base(prefix), server: { url: 'https://gate.example.org' } })
    assert.equal((await runCommand(['config', 'check', '-c', file])).exitCode, 0)
    await etcd.put(`${prefix}sessions/idle`, '30m')
    await etcd.put(`${prefix}server/branding`, 'title: Lab\n')
    const printed = await runCommand(['config', 'print', '-c', file])
    assert.match(printed.output, new RegExp(`^sessions\\.idle: 30m +# etcd ${prefix}sessions/idle$`, 'm'))
    const [inEtcd, without] = [file, write({ ...base(prefix), etcd: { endpoints: [] } })]
    const plan = await runCommand(['config', 'plan', '--from', without, '-c', inEtcd])
    assert.match(plan.output, /~ sessions\.idle: 1h → 30m/)
    await etcd.put(`${prefix}sessions/idle`, 'never')
    const wrong = await runCommand(['config', 'check', '-c', file])
    assert.equal(wrong.exitCode, 1)
    assert.match(wrong.errors, new RegExp(`^etcd ${prefix}sessions/idle {2}sessions\\.idle\n`))
    const json = JSON.parse((await runCommand(['config', 'check', '--json', '-c', file])).output) as {
      readonly problems: readonly { readonly origin: string }[]
    }
    assert.equal(json.problems[0]?.origin, `etcd ${prefix}sessions/idle`)
    const noEtcd = await runCommand(['config', 'check', '-c', write(base(prefix, ['http://127.0.0.1:1']))])
    assert.match(noEtcd.errors, /etcd\.configPrefix\n {2}cannot be read/)
  })
})
