// What needs no gateway around it: the rest is in `test/gateway/verify*.test.ts`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CompiledPolicy } from '#access'
import { GatewayError, type UserId } from '#kernel'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { ada } from '../../test/support/start-proxy.ts'
import { createVerifier, type VerifierDeps } from './service.ts'
import { createVerifiedServices } from './services.ts'

const publicUrl = { origin: 'https://gate.test', isHttps: true, isOwnHost: (host: string) => host === 'gate.test' }

function createAsker(policy: CompiledPolicy['decide'], disabled?: UserId) {
  const access = {
    principal: () => ada,
    compilePolicy: () => ({ decide: policy }),
    contact: undefined,
    users: { isDisabled: (id: UserId) => id === disabled },
    token: { get: () => undefined },
    serviceRefusal: () => undefined,
  }
  const services = createVerifiedServices([{ id: 'wiki', path: '/wiki/', allow: ['public'] }], { access, publicUrl })
  const deps = { access, services, publicUrl, identityHeaders: () => [], recordRefusal: () => {} }
  // Of users and of the public URL it needs no more than that.
  const verify = createVerifier(deps as unknown as VerifierDeps)
  return (): string => {
    const headers = { 'x-forwarded-method': 'GET', 'x-forwarded-host': 'gate.test', 'x-forwarded-uri': '/wiki/x' }
    const client = { address: '192.0.2.1', protocol: 'https', viaTrustedProxy: true } as const
    try {
      return verify(createFakeContext({ target: '/auth/verify', request: { headers }, client })).kind
    } catch (error) {
      return error instanceof GatewayError ? error.code : String(error)
    }
  }
}

test('a disabled user is refused even where everybody may go', () => {
  const everybody = () => ({ allow: true, rule: 'test' }) as const
  assert.equal(createAsker(everybody)(), 'allowed')
  assert.equal(createAsker(everybody, ada.userId)(), 'access.userDisabled')
})

test('an error in a decision refuses', () => {
  const broken = () => {
    throw new Error('broken policy')
  }
  assert.equal(createAsker(broken)(), 'Error: broken policy')
})
