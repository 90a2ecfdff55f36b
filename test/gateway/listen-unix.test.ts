// A unix socket in place of a port: the same gateway, and a peer that counts as a proxy only where the operator says so.

import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { startGateway } from '../support/start-gateway.ts'
import { asForm, ask, cookiesOf } from './ask.ts'
import { type LabSettings, startLab } from './lab.ts'

const origin = 'http://gate.localhost'
const host = 'gate.localhost'

const settingsFor = (path: string, trustedProxies: readonly string[]): LabSettings => ({
  config: { server: { url: origin, listen: `unix:${path}`, trustedProxies } },
})

test('a person logs in over a unix socket, which others than its group cannot open', async () => {
  const directory = makeDirectory('unix')
  const socketPath = join(directory, 'gatehouse.sock')
  await using lab = await startLab(settingsFor(socketPath, []))
  assert.equal(statSync(socketPath).mode & 0o777, 0o660)
  const form = asForm(origin, await lab.account('ada'))
  const login = await ask({ socketPath, path: '/auth/login/local', ...form, headers: { ...form.headers, host } })
  assert.equal(login.status, 303)
  const me = await ask({ socketPath, path: '/api/v1/me', headers: { host, cookie: cookiesOf(login) } })
  assert.match(me.text, /"username":"ada"/)
  removeDirectory(directory)
})

for (const { trustedProxies, address } of [
  { trustedProxies: [], address: undefined },
  { trustedProxies: ['unix'], address: '203.0.113.7' },
]) {
  test(`with trustedProxies [${trustedProxies.join()}] X-Forwarded-For of a unix peer gives ${address}`, async () => {
    const directory = makeDirectory('unix')
    const socketPath = join(directory, 'gatehouse.sock')
    await using upstream = await startEchoUpstream()
    const upstreams = [{ path: '/api/', to: upstream.url, allow: ['public'] }]
    const { config, ...settings } = settingsFor(socketPath, trustedProxies)
    await using _lab = await startLab({ ...settings, config: { ...config, upstreams } })
    const headers = { host, 'x-forwarded-for': '203.0.113.7' }
    const answer = await ask({ socketPath, path: '/api/x', headers })
    assert.equal(JSON.parse(answer.text).headers['x-forwarded-for'], address)
    removeDirectory(directory)
  })
}

test('a socket file that a crash left is replaced; one that somebody answers is theirs', async () => {
  const directory = makeDirectory('unix')
  const socketPath = join(directory, 'gatehouse.sock')
  writeFileSync(socketPath, '')
  await using first = await startGateway(settingsFor(socketPath, []))
  assert.equal((await ask({ socketPath, path: '/healthz' })).status, 200)
  await assert.rejects(startGateway(settingsFor(socketPath, [])), /another process listens/)
  assert.equal((await ask({ socketPath, path: '/healthz' })).status, 200)
  await first.close()
  assert.equal(existsSync(socketPath), false)
  removeDirectory(directory)
})
