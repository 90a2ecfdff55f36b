// An upstream that cannot be reached, or says nothing: who asks is told why, in time, and so is the operator.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startBlackHole } from '../../test/support/black-hole.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const outcomeOf = async (to: string, timeouts = {}, init: RequestInit = {}) => {
  await using proxy = await startProxy({ upstreams: [{ to, timeouts }] })
  const answer = await fetch(`${proxy.url}/api/m/`, init)
  const { code } = (await answer.json()) as { code: string }
  assert.deepEqual(proxy.counts('upstream_failures_total'), { [`api-m ${code}`]: 1 })
  return [answer.status, code]
}

test('refused', async () => {
  const upstream = await startRecordingUpstream()
  await upstream.close()
  assert.deepEqual(await outcomeOf(upstream.url), [502, 'upstream.refused'])
  assert.deepEqual(await outcomeOf(upstream.url, {}, { method: 'POST', body: 'x'.repeat(100_000) }), [
    502,
    'upstream.refused',
  ])
})

test('no such host', async () => {
  assert.deepEqual(await outcomeOf('http://upstream.invalid'), [502, 'upstream.refused'])
})

test('a connection that does not come about', async () => {
  await using hole = await startBlackHole()
  assert.deepEqual(await outcomeOf(hole.url, { connect: '50ms' }), [504, 'upstream.connectTimeout'])
})

test('no answer in time', async () => {
  await using upstream = await startRecordingUpstream(() => {})
  assert.deepEqual(await outcomeOf(upstream.url, { firstByte: '50ms' }), [504, 'upstream.timeout'])
  await upstream.whenIdle()
})

test('half a head in time', async () => {
  await using upstream = await startRecordingUpstream(() => 'HTTP/1.1 200 OK\r\nx-a: ')
  assert.deepEqual(await outcomeOf(upstream.url, { firstByte: '50ms' }), [504, 'upstream.timeout'])
})

test('a certificate that nobody vouches for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', key, '-out', cert]
  execFileSync('openssl', args, { stdio: 'ignore' })
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  await using upstream = await startRecordingUpstream(undefined, { tls })
  assert.deepEqual(await outcomeOf(upstream.url), [502, 'upstream.untrusted'])
  assert.equal(upstream.requests.length, 0)
})

test('a client that stops sending is cut off, and the upstream is freed', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, timeouts: { idle: '50ms' } }] })
  const request = `POST /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: 10\r\n\r\npart`
  const { status } = await sendRaw(proxy.port, request)
  assert.equal(status, 0)
  await upstream.whenIdle()
  assert.equal(upstream.requests.length, 0)
})
