import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createContentSecurityPolicy, type PolicyOptions } from './content-security-policy.ts'

const policyOf = (csp: PolicyOptions['csp'], hasNonce = true) =>
  createContentSecurityPolicy({ csp, hasNonce })(() => 'N0nce')

test('the directives come in the order in which they always did, without empty ones', () => {
  const csp = {
    'frame-ancestors': ["'none'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': [],
    'default-src': ["'self'"],
  }
  assert.equal(policyOf(csp), "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none';")
})

test('a nonce is fresh where the profile knows it, and is not put beside unsafe-inline', () => {
  const csp = { 'script-src': ["'self'", "'nonce'"], 'style-src': ['nonce', "'unsafe-inline'"] }
  assert.equal(policyOf(csp), "script-src 'self' 'nonce-N0nce'; style-src 'unsafe-inline';")
  assert.equal(policyOf(csp, false), "script-src 'self' 'nonce'; style-src nonce 'unsafe-inline';")
})

test('without one, the pages are still not to be framed by others', () => {
  assert.equal(policyOf(undefined), "frame-ancestors 'self'")
})
