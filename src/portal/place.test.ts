import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mount } from '#http'
import { ADMIN_PAGES, findHome, PAGES } from './place.ts'

const PATHS = [...PAGES, '/hubs', ...ADMIN_PAGES]

const mountAt = (prefix: string, host?: string): Mount => ({
  id: prefix,
  prefix,
  ...(host !== undefined && { host }),
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async () => {},
})

test('the portal is at the root, unless a mount would be hidden by one of its pages', () => {
  for (const free of [
    [],
    ['/api/manager/'],
    ['/portal/assets/', '/application/'],
    ['/hubs/freiburg/', '/apps/jupyter/', '/admin/a/b/c/'],
  ]) {
    assert.equal(
      findHome(
        free.map((prefix) => mountAt(prefix)),
        PATHS,
      ),
      '',
      free.join(' '),
    )
  }
  for (const taken of ['/', '/apps/', '/hubs/', '/settings/', '/settings/wiki/', '/admin/', '/admin/a/b/', '/help/']) {
    assert.equal(findHome([mountAt('/api/'), mountAt(taken)], PATHS), '/portal', taken)
  }
})

test('what is on a host of its own is in nobody’s way', () => {
  assert.equal(findHome([mountAt('/', 'app.example.org')], PATHS), '')
})
