// The configuration of a running process changes when it is told (SIGHUP), and when a file that it was read from does,
// however that is written. What is wrong changes nothing and is told as `config check` tells it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { parse, stringify } from 'yaml'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { runCommand } from '../support/run-command.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'

let upstream: EchoUpstream
const directory = makeDirectory('reload')
before(async () => {
  upstream = await startEchoUpstream()
})
after(async () => {
  await upstream.close()
  removeDirectory(directory)
})

type Config = Readonly<Record<string, unknown>>

/** As editors do: another file in its place. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

const rewrite = ({ configFile }: GatewayProcess, change: Config): void =>
  replaceFile(configFile, stringify({ ...(parse(readFileSync(configFile, 'utf8')) as Config), ...change }))

const statusOf = async (url: string): Promise<number> => {
  const { status, body } = await fetch(url)
  await body?.cancel()
  return status
}

async function reloadsOf(gateway: GatewayProcess) {
  const { metrics } = await gateway.said('ready')
  const text = await (await fetch(String(metrics))).text()
  const readValue = (name: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1]
  const count = (result: string) => readValue(`gatehouse_config_reloads_total{result="${result}"}`)
  const successful = readValue('gatehouse_config_last_reload_successful')
  return { successful, success: count('success'), failure: count('failure') }
}

const to = (path: string) => ({ upstreams: [{ path, to: upstream.url, allow: ['public'] }] })

test('SIGHUP and a changed file reload it; a mistake leaves the last good one, and numbers say so', async () => {
  await using gateway = await startGatewayProcess({
    config: { ...to('/one/'), telemetry: { metrics: { listen: '127.0.0.1:0' } } },
  })
  assert.equal(await statusOf(`${gateway.url}/one/x`), 200)

  const changed = gateway.saysNext('config_reloaded')
  rewrite(gateway, to('/two/'))
  const { cause, changed: settings } = await changed
  assert.equal(cause, 'files')
  assert.ok((settings as string[]).includes('upstreams["/two/"].path'), JSON.stringify(settings))
  assert.deepEqual([await statusOf(`${gateway.url}/one/x`), await statusOf(`${gateway.url}/two/x`)], [404, 200])

  const [problem, failed] = [gateway.saysNext('config_problem'), gateway.saysNext('config_reload_failed')]
  rewrite(gateway, { upstreams: [{ path: '/three/', to: 'nonsense' }] })
  const { setting, place, why, fix } = await problem
  assert.equal(setting, 'upstreams[0].to')
  assert.match(String(place), /gatehouse\.yaml:\d+:\d+$/)
  assert.ok(why !== '' && fix !== '')
  assert.equal((await failed).cause, 'files')
  assert.equal(await statusOf(`${gateway.url}/two/x`), 200)

  const again = gateway.saysNext('config_reload_failed')
  gateway.signal('SIGHUP')
  assert.equal((await again).cause, 'signal')
  assert.deepEqual(await reloadsOf(gateway), { successful: '0', success: '1', failure: '2' })
  const mended = gateway.saysNext('config_reloaded')
  rewrite(gateway, to('/three/'))
  await mended
  assert.equal(await statusOf(`${gateway.url}/three/x`), 200)
  assert.deepEqual(await reloadsOf(gateway), { successful: '1', success: '2', failure: '2' })
})

test('a secret that Kubernetes turns under a link is read again', async () => {
  const folder = join(directory, 'secrets')
  const version = (name: string, text: string) => {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'token'), text)
    symlinkSync(name, join(folder, '..data.new'))
    renameSync(join(folder, '..data.new'), join(folder, '..data'))
  }
  version('v1', 'first-token\n')
  symlinkSync(join('..data', 'token'), join(folder, 'token'))
  const headers = { 'X-Token': { file: join(folder, 'token') } }
  await using gateway = await startGatewayProcess({
    config: {
      upstreams: [{ path: '/api/', to: upstream.url, allow: ['public'], sign: { type: 'header', headers } }],
    },
  })
  const tokenSeen = async () => JSON.stringify(await (await fetch(`${gateway.url}/api/x`)).json())
  assert.match(await tokenSeen(), /first-token/)
  const reloaded = gateway.saysNext('config_reloaded')
  version('v2', 'second-token\n')
  const { changed } = await reloaded
  assert.deepEqual(changed, ['upstreams["/api/"].sign.headers.X-Token'])
  assert.match(await tokenSeen(), /second-token/)
})

test('a renewed certificate is shown to new connections, and open ones go on', async () => {
  const [certificate, key] = [join(directory, 'tls.pem'), join(directory, 'tls-key.pem')]
  const first = makeCertificate('first')
  writeFileSync(certificate, first.certificate)
  writeFileSync(key, first.key)
  await using gateway = await startGatewayProcess({ config: { server: { tls: { certificate, key } } } })
  const open = (): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: gateway.port, rejectUnauthorized: false }, () =>
        resolve(socket),
      )
      socket.once('error', reject)
    })
  const early = await open()
  assert.equal(early.getPeerCertificate().subject.CN, 'first')

  const half = gateway.saysNext('config_reload_failed')
  const second = makeCertificate('second')
  replaceFile(certificate, second.certificate)
  await half
  const reloaded = gateway.saysNext('config_reloaded')
  replaceFile(key, second.key)
  await reloaded
  const late = await open()
  assert.equal(late.getPeerCertificate().subject.CN, 'second')
  early.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  const [chunk] = (await once(early, 'data')) as Buffer[]
  assert.match(String(chunk), /^HTTP\/1\.1 200 /)
  early.destroy()
  late.destroy()
})

test('what waits for a restart is told, and `config plan` sees what runs', async () => {
  await using gateway = await startGatewayProcess({ config: to('/one/') })
  const plan = () => runCommand(['config', 'plan', '--config', gateway.configFile])
  assert.equal((await plan()).exitCode, 0)
  const [waiting, reloaded] = [gateway.saysNext('config_restart_needed'), gateway.saysNext('config_reloaded')]
  // It takes a while to write down what runs with so many secrets.
  const secret = join(directory, 'secret')
  writeFileSync(secret, 'a-secret-of-the-service', { mode: 0o600 })
  const headers = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`X-Secret-${index}`, { file: secret }]))
  const [two] = to('/two/').upstreams
  rewrite(gateway, { upstreams: [{ ...two, sign: { type: 'header', headers } }], sessions: { idle: '30m' } })
  const early = await plan()
  assert.equal(early.exitCode, 4, early.output)
  assert.match(early.output, /~ sessions\.idle: 1h → 30m {3}# needs a restart/)
  await reloaded
  assert.deepEqual((await waiting).settings, ['sessions.idle'])
  const late = await plan()
  assert.match(late.output, /~ sessions\.idle: 1h → 30m/)
  assert.doesNotMatch(late.output, /upstreams/)
})

function makeCertificate(name: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(directory, `${name}.pem`), join(directory, `${name}-key.pem`)]
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-out', certificate, '-keyout', key]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject],
    {
      stdio: 'ignore',
    },
  )
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
}
