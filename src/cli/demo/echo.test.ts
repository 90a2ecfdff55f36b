import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { WebSocket } from 'ws'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { startEcho } from './echo.ts'
import type { LoopbackServer } from './loopback-server.ts'

const clock = createManualClock(Date.UTC(2026, 2, 12))
const { privateKey, publicKey } = await generateKeyPair('EdDSA')
let keyServer: Server
let echo: LoopbackServer

before(async () => {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'EdDSA', kid: '1' }] })
  keyServer = createServer((_request, response) => void response.end(jwks)).listen(0, '127.0.0.1')
  await once(keyServer, 'listening')
  const { port } = keyServer.address() as AddressInfo
  echo = await startEcho({ clock, jwksUrl: new URL(`http://127.0.0.1:${port}/auth/jwks.json`) })
})
after(async () => {
  await echo.close()
  keyServer.close()
})

const sign = (key = privateKey): Promise<string> => {
  const nowSeconds = clock.now() / 1000
  const jwt = new SignJWT({ sub: 'sso/member', name: 'Mira' }).setProtectedHeader({ alg: 'EdDSA', kid: '1' })
  return jwt
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + 60)
    .sign(key)
}

async function callWith(
  authorization?: string,
): Promise<{ text: string; caller: { kind: string; claims?: { sub: string } } }> {
  const response = await fetch(`${echo.url}/x?y`, { headers: authorization === undefined ? {} : { authorization } })
  const text = await response.text()
  return { text, caller: JSON.parse(text).caller }
}

describe('the echo service', () => {
  test('knows nobody without a token', async () => {
    assert.deepEqual((await callWith()).caller, { kind: 'nobody' })
  })

  test('knows whose token came along, and does not give it away', async () => {
    const token = await sign()
    const { text, caller } = await callWith(`Bearer ${token}`)
    assert.equal(caller.kind, 'verified')
    assert.equal(caller.claims?.sub, 'sso/member')
    const signature = token.split('.')[2] ?? ''
    assert.ok(!text.includes(signature))
    assert.ok(text.includes(`Bearer ${token.slice(0, -signature.length)}[not shown]`))
  })

  test('does not believe another key', async () => {
    const { caller } = await callWith(`Bearer ${await sign((await generateKeyPair('EdDSA')).privateKey)}`)
    assert.equal(caller.kind, 'unverified')
  })

  test('shows nothing of an opaque token', async () => {
    const { text } = await callWith('Bearer opaque-secret')
    assert.ok(!text.includes('opaque-secret'))
    assert.ok(text.includes('Bearer [not shown]'))
  })

  test('greets a WebSocket with whose it is', async () => {
    const headers = { authorization: `Bearer ${await sign()}` }
    const socket = new WebSocket(`${echo.url.replace('http', 'ws')}/socket`, { headers })
    const [greeting] = await once(socket, 'message')
    assert.equal(JSON.parse(String(greeting)).caller.claims.sub, 'sso/member')
    socket.close()
  })

  for (const [path, type] of [
    ['/tryout/', 'text/html; charset=utf-8'],
    ['/tryout/tryout.js', 'text/javascript; charset=utf-8'],
    ['/tryout/tryout.css', 'text/css; charset=utf-8'],
  ] as const) {
    test(`serves ${path}`, async () => {
      const response = await fetch(echo.url + path)
      assert.equal(response.headers.get('content-type'), type)
      await response.body?.cancel()
    })
  }

  test('serves nothing else from there', async () => {
    assert.equal((await fetch(`${echo.url}/tryout/index.html`)).status, 404)
  })
})
