import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mount } from '#http'
import { findHome } from './place.ts'

const mountAt = (prefix: string, host?: string): Mount => ({
  id: prefix,
  prefix,
  ...(host !== undefined && { host }),
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async () => {},
})

test('the portal is at the root, unless a mount would be hidden by one of its pages', () => {
  for (const free of [[], ['/api/manager/'], ['/portal/assets/', '/application/']]) {
    assert.equal(findHome(free.map((prefix) => mountAt(prefix))), '', free.join(' '))
  }
  for (const taken of ['/', '/apps/', '/apps/jupyter/', '/settings/', '/admin/', '/help/']) {
    assert.equal(findHome([mountAt('/api/'), mountAt(taken)]), '/portal', taken)
  }
})

test('what is on a host of its own is in nobody’s way', () => {
  assert.equal(findHome([mountAt('/', 'app.example.org')]), '')
})
