import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose'
import { generateRingKey, type RingKey } from '#storage'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { type RecordedRequest, startRecordingUpstream } from '../../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../../test/support/start-proxy.ts'
import { signerContract } from '../signer.contract.ts'

const ISSUER = 'http://127.0.0.1/x'
const bearerOf = (received: RecordedRequest): string => (received.all('authorization')[0] ?? '').replace('Bearer ', '')

signerContract({
  name: 'identity-jwt',
  sign: { type: 'identity-jwt' },
  owned: ['authorization'],
  needsCredential: false,
  verify: (received) => assert.match(bearerOf(received), /^[\w-]+\.[\w-]+\.[\w-]+$/),
})

signerContract({
  name: 'identity-jwt in a header of its own',
  sign: { type: 'identity-jwt', header: 'X-Identity' },
  owned: ['x-identity'],
  needsCredential: false,
  verify: (received) => assert.match(received.all('x-identity')[0] ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/),
})

async function withTokens(
  settings: object,
  run: (ask: () => Promise<string>, keys: () => ReturnType<typeof createLocalJWKSet>) => Promise<void>,
) {
  await using upstream = await startRecordingUpstream()
  const upstreams = [{ to: upstream.url, id: 'manager', sign: { type: 'identity-jwt' } }]
  await using proxy = await startProxy({ principal: ada, upstreams, url: ISSUER, ...settings })
  const get = async (path: string) => {
    const options = { headers: { host: '127.0.0.1' } }
    const [answer] = (await once(httpGet(proxy.url + path, options), 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    return Buffer.concat(await answer.toArray()).toString()
  }
  const published = JSON.parse(await get('/x/auth/jwks.json'))
  let asked = 0
  await run(
    async () => {
      await get('/x/api/m/')
      return bearerOf(await upstream.request(asked++))
    },
    () => createLocalJWKSet(published),
  )
}

test('a service can check the token with what is published, and learns who asks', async () => {
  await withTokens({}, async (ask, keys) => {
    const { payload, protectedHeader } = await jwtVerify(await ask(), keys(), {
      issuer: ISSUER,
      audience: 'manager',
      algorithms: ['EdDSA'],
      requiredClaims: ['exp', 'iat', 'jti'],
    })
    assert.equal(protectedHeader.typ, 'JWT')
    const { sub, user_id, preferred_username, groups, exp = 0, iat = 0 } = payload
    assert.deepEqual([sub, user_id, preferred_username, groups], ['sso/8f2c41', 'user-ada', 'ada', ['lab', 'staff']])
    assert.equal(exp - iat, 60)
  })
})

test('tokens of every key of the ring can be checked, and the newest signs', async () => {
  const keys: RingKey[] = [generateRingKey(0)]
  const [older] = keys
  keys.unshift(generateRingKey(1))
  await withTokens({ keyRing: { keys } }, async (ask, published) => {
    const token = await ask()
    assert.equal(decodeProtectedHeader(token).kid, keys[0]?.id)
    await jwtVerify(token, published())
  })
  await withTokens({ keyRing: { keys: [older] } }, async (ask) => {
    const token = await ask()
    await withTokens({ keyRing: { keys } }, async (_ask, published) => void (await jwtVerify(token, published())))
    await withTokens({}, async (_ask, published) => assert.rejects(jwtVerify(token, published())))
  })
})

test('a token serves for a few seconds, then another is made', async () => {
  const clock = createManualClock(Date.now())
  await withTokens({ clock }, async (ask) => {
    const first = await ask()
    clock.advance(4999)
    assert.equal(await ask(), first)
    clock.advance(1)
    assert.notEqual(await ask(), first)
  })
})

test('whoever has seen a token can use it nowhere else, and nowhere minutes later', async () => {
  await withTokens({}, async (ask, keys) => {
    const [token, verifier] = [await ask(), keys()]
    const inMs = (ms: number) => ({ audience: 'manager', currentDate: new Date(Date.now() + ms) })
    await jwtVerify(token, verifier, inMs(50_000))
    await assert.rejects(jwtVerify(token, verifier, inMs(61_000)), { code: 'ERR_JWT_EXPIRED' })
    await assert.rejects(jwtVerify(token, verifier, inMs(5 * 60_000)), { code: 'ERR_JWT_EXPIRED' })
    await assert.rejects(jwtVerify(token, verifier, { audience: 'other' }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
  })
})

test('where every token must be new, every token is', async () => {
  await using upstream = await startRecordingUpstream()
  const sign = { type: 'identity-jwt', reuse: '0s' }
  await using proxy = await startProxy({ principal: ada, upstreams: [{ to: upstream.url, sign }] })
  for (let count = 0; count < 5; count++) await fetch(`${proxy.url}/api/m/`)
  const ids = upstream.requests.map((received) => {
    const [, claims = ''] = bearerOf(received).split('.')
    return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as JWTPayload).jti
  })
  assert.equal(new Set(ids).size, 5)
})

test('of somebody unknown nothing is said', async () => {
  await using upstream = await startRecordingUpstream()
  const upstreams = [{ to: upstream.url, sign: { type: 'identity-jwt' } }]
  await using proxy = await startProxy({ upstreams })
  await fetch(`${proxy.url}/api/m/`)
  assert.deepEqual(upstream.requests[0]?.all('authorization'), [])
})
