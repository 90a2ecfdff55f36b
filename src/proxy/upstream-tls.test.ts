// https endpoints: whom the gateway believes, as whom it comes, and by which name it asks; requests, WebSockets and health
// checks alike.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { accepting } from '../../test/support/raw-web-socket.ts'
import {
  type Behaviour,
  ok,
  type RecordingOptions,
  startRecordingUpstream,
} from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'
import { upstreamTlsSchema } from './tls-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(at(name), 'utf8')
const openssl = (...args: readonly string[]): void =>
  void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder })

const makeAuthority = (name: string): void =>
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  )

/** A certificate for a name, by an authority. */
function makeCertificate(name: string, authority: string): void {
  writeFileSync(at(`${name}.ext`), `subjectAltName=DNS:${name}`)
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  )
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${authority}.pem`,
    '-CAkey',
    `${authority}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.pem`,
  )
}

makeAuthority('ours')
makeAuthority('theirs')
makeCertificate('localhost', 'ours')
makeCertificate('manager.test', 'ours')
makeCertificate('gatehouse', 'ours')
makeCertificate('stranger', 'theirs')

const startService = (name: string, behave?: Behaviour, more: RecordingOptions['tls'] = {}) =>
  startRecordingUpstream(behave, { tls: { key: read(`${name}.key`), cert: read(`${name}.pem`), ...more } })

const byName = (url: string): string => url.replace('127.0.0.1', 'localhost')

const outcomeOf = async (to: string, tls?: object): Promise<string> => {
  await using proxy = await startProxy({ upstreams: [{ to, ...(tls !== undefined && { tls }) }] })
  const answer = await fetch(`${proxy.url}/api/m/`)
  return answer.status === 200 ? await answer.text() : ((await answer.json()) as { code: string }).code
}

test('an authority of one’s own is believed, and then no other', async () => {
  await using ours = await startService('localhost')
  assert.equal(await outcomeOf(byName(ours.url)), 'upstream.untrusted')
  assert.equal(await outcomeOf(byName(ours.url), { ca: at('theirs.pem') }), 'upstream.untrusted')
  assert.equal(await outcomeOf(byName(ours.url), { ca: at('ours.pem') }), 'ok')
})

test('the certificate must bear the name that was asked for', async () => {
  const asked: (string | boolean)[] = []
  await using service = await startService('manager.test', (_request, socket) => {
    asked.push((socket as TLSSocket & { servername: string | boolean }).servername)
    return ok()
  })
  const ca = at('ours.pem')
  assert.equal(await outcomeOf(byName(service.url), { ca }), 'upstream.untrusted')
  assert.equal(await outcomeOf(byName(service.url), { ca, serverName: 'other.test' }), 'upstream.untrusted')
  assert.equal(await outcomeOf(byName(service.url), { ca, serverName: 'manager.test' }), 'ok')
  assert.equal(await outcomeOf(service.url, { ca, serverName: 'manager.test' }), 'ok')
  assert.deepEqual(asked, ['manager.test', 'manager.test'])
})

test('a service that wants to know who is calling is shown the certificate', async () => {
  const asking = { ca: read('ours.pem'), requestCert: true, rejectUnauthorized: true }
  const seen: string[] = []
  const behave: Behaviour = (_request, socket) => {
    seen.push(String((socket as TLSSocket).getPeerCertificate().subject.CN))
    return ok()
  }
  await using service = await startService('localhost', behave, asking)
  const ca = at('ours.pem')
  const show = (name: string) => ({ ca, certificate: at(`${name}.pem`), key: at(`${name}.key`) })
  assert.equal(await outcomeOf(byName(service.url), show('gatehouse')), 'ok')
  assert.notEqual(await outcomeOf(byName(service.url), { ca }), 'ok')
  assert.notEqual(await outcomeOf(byName(service.url), show('stranger')), 'ok')
  assert.deepEqual(seen, ['gatehouse'])
})

test('only the dangerous switch believes anybody', async () => {
  await using service = await startService('stranger')
  assert.equal(await outcomeOf(service.url, { dangerouslyAcceptAnyCertificate: false }), 'upstream.untrusted')
  assert.equal(service.requests.length, 0)
  assert.equal(await outcomeOf(service.url, { dangerouslyAcceptAnyCertificate: true }), 'ok')
})

test('WebSockets and health checks follow the same rules', async () => {
  const asking = { ca: read('ours.pem'), requestCert: true, rejectUnauthorized: true }
  const behave: Behaviour = (request, socket) =>
    request.target === '/health' ? ok() : accepting(() => {})(request, socket)
  await using service = await startService('manager.test', behave, asking)
  const healthCheck = { path: '/health', interval: '1h', failures: 1 }
  const mutual = {
    ca: at('ours.pem'),
    certificate: at('gatehouse.pem'),
    key: at('gatehouse.key'),
    serverName: 'manager.test',
  }
  const attempt = async (tls: object): Promise<readonly [opened: boolean, up: number]> => {
    await using proxy = await startProxy({ upstreams: [{ to: service.url, healthCheck, tls }] })
    const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/socket`)
    const opened = await once(client, 'open').then(
      () => true,
      () => false,
    )
    client.on('error', () => {}).terminate()
    if (!opened) await proxy.until('upstream_endpoint_up', 0)
    return [opened, await proxy.reading('upstream_endpoint_up')]
  }
  assert.deepEqual(await attempt(mutual), [true, 1])
  assert.deepEqual(await attempt({ ca: mutual.ca, serverName: 'manager.test' }), [false, 0])
  assert.deepEqual(await attempt({ ...mutual, ca: at('theirs.pem') }), [false, 0])
  assert.deepEqual(await attempt({ ...mutual, serverName: 'other.test' }), [false, 0])
})

test('files that cannot be used are found when the configuration is read', () => {
  writeFileSync(at('empty.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const faultOf = (tls: object): string => {
    const [issue] = upstreamTlsSchema.safeParse(tls).error?.issues ?? []
    return issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`
  }
  const pair = { certificate: at('gatehouse.pem'), key: at('gatehouse.key') }
  assert.equal(faultOf(pair), '')
  assert.equal(faultOf({ ca: at('empty.pem') }), 'ca: it holds no certificate that can be read')
  assert.equal(faultOf({ certificate: pair.certificate }), 'key: certificate and key go together')
  assert.equal(faultOf({ key: pair.key }), 'certificate: certificate and key go together')
  assert.match(
    faultOf({ ...pair, key: at('stranger.key') }),
    /^certificate: certificate and key cannot be used together: key/,
  )
  assert.match(faultOf({ ca: at('none.pem') }), /^ca: .*there is no such file/)
  assert.match(faultOf({ serverName: 'https://manager.test' }), /^serverName: /)
})
