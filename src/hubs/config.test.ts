import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hubsConfig } from './config.ts'
import { createHub } from './hub.ts'

const hub = { id: 'one', provider: 'sso', to: 'https://git.test/' }

const faultsOf = (config: object): string => {
  const result = hubsConfig.safeParse(config)
  return result.success
    ? ''
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')
}

test('what is not a hub is told, with its place', () => {
  assert.equal(faultsOf({ hubs: [hub] }), '')
  assert.match(faultsOf({ hubs: [] }), /hubs/)
  assert.match(faultsOf({ hubs: [{ ...hub, id: 'One' }] }), /hubs\.0\.id: an id is/)
  assert.match(faultsOf({ hubs: [{ id: 'one', provider: 'sso' }] }), /hubs\.0\.to/)
  assert.match(faultsOf({ hubs: [hub, { ...hub, provider: 'other' }] }), /hubs\.1\.id: another hub has the id one/)
  assert.match(faultsOf({ hubs: [hub, { ...hub, id: 'two' }] }), /hubs\.1\.provider: another hub has the provider sso/)
  assert.match(faultsOf({ hubs: [{ ...hub, token: 'x' }] }), /hubs\.0/)
})

test('a login ends at the app: a path of ours, or a whole URL', () => {
  for (const app of ['/app/index.html', '/', 'https://app.test/x'])
    assert.equal(faultsOf({ app, hubs: [hub] }), '', app)
  for (const app of ['app', '//evil.test/x', '/\\evil.test', 'javascript:alert(1)', '/a b'])
    assert.match(faultsOf({ app, hubs: [hub] }), /app/, app)
})

test('links of a hub begin with its address, or with what is said of it', () => {
  const parse = (more: object) => hubsConfig.parse({ hubs: [{ ...hub, ...more }] })?.hubs[0]
  const urlOf = (more: object) => {
    const config = parse(more)
    return config && createHub(config, []).url
  }
  assert.equal(urlOf({}), 'https://git.test')
  assert.equal(urlOf({ to: 'http://10.0.0.1/gitlab', url: 'https://git.test/gitlab/' }), 'https://git.test/gitlab')
})
