// Sections of the configuration that must fit together are refused together, with place, reason and remedy.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem, loadConfig } from '#config'
import { configSchema } from '../../src/modules.ts'

const providers = [
  '  - { id: sso, type: oidc, issuer: https://sso.example.org, clientId: gate }',
  '  - { id: manager, type: backend-ai, endpoint: https://manager.example.org }',
  '  - { id: house, type: local }',
]

/** What is said about upstreams signed in these ways, with all three providers configured unless others are given. */
const faultsOf = (signs: readonly string[], identity = providers): string =>
  problemsOf([
    ...(identity.length > 0 ? ['identity:', ...identity] : []),
    'upstreams:',
    ...signs.map((sign, index) => `  - { path: /u${index}/, to: "http://u:1", sign: ${sign} }`),
  ])

function problemsOf(lines: readonly string[]): string {
  const files = [{ name: 'g.yaml', text: lines.join('\n') }]
  const loaded = loadConfig({ files, env: {}, schema: configSchema, cwd: '/' })
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

test('each way to sign with the credential that its provider brings is right', () => {
  const signs = [
    '{ type: bearer, credential: sso }',
    '{ type: backend-ai, credential: manager }',
    '{ type: identity-jwt }',
    '{ type: none }',
  ]
  assert.equal(faultsOf(signs), '')
})

test('a credential of a provider that is not configured is refused, at its place', () => {
  const said = faultsOf(['{ type: bearer, credential: ssso }'])
  assert.match(said, /^g\.yaml:6:\d+ {2}upstreams\[0\]\.sign\.credential/)
  assert.match(said, /no provider under identity has the id "ssso"/)
  assert.match(said, /fix: did you mean "sso"\?/)
})

test('without any provider the remedy names the type to add', () => {
  assert.match(
    faultsOf(['{ type: bearer, credential: sso }'], []),
    /fix: add a provider of type oidc or oauth2 under identity/,
  )
  assert.match(faultsOf(['{ type: backend-ai, credential: m }'], []), /fix: add a provider of type backend-ai under/)
})

test('a provider that brings another credential, or none, is refused', () => {
  const said = faultsOf(['{ type: backend-ai, credential: sso }', '{ type: bearer, credential: house }'])
  assert.match(
    said,
    /backend-ai needs a keypair, and "sso" \(oidc\) brings an access token\n {2}fix: write one of manager/,
  )
  assert.match(
    said,
    /bearer needs an access token, and "house" \(local\) brings no credential\n {2}fix: write one of sso/,
  )
  assert.match(faultsOf(['{ type: basic, credential: sso }']), /fix: no type of provider brings a password/)
})

test('an upstream and a site on one path are refused, in any letter case', () => {
  const said = problemsOf([
    'upstreams: [{ path: /Lab/, to: "http://u:1" }]',
    'sites: [{ id: portal, path: /lab/, directory: /srv/lab }]',
  ])
  assert.match(said, /^g\.yaml:2:\d+ {2}sites\[0\]\.path\n.*\n.*the upstream lab has the path \/Lab\/ already/)
})

const verifying = (host: string, trusted = '[10.0.0.5]') =>
  problemsOf([
    `server: { url: "https://gate.example.org/x", trustedProxies: ${trusted} }`,
    `verify: { services: [{ id: wiki, path: /wiki/, allow: [public]${host === '' ? '' : `, host: "${host}"`} }] }`,
  ])

test('a service that no proxy may ask about, or that sees no session, is refused', () => {
  for (const host of ['', 'gate.example.org', 'gate.example.org:8443']) assert.equal(verifying(host), '', host)
  for (const host of ['wiki.example.org', 'example.org', 'gate.example.org.evil.test']) {
    assert.match(verifying(host), /verify\.services\[0\]\.host.*browsers show the session to gate\.example\.org only/s)
  }
  assert.match(verifying('', '[]'), /verify\.services.*no proxy may ask about them: server\.trustedProxies is empty/s)
})

test('a person at a provider that is not configured is nobody, and refused wherever a list names them', () => {
  const said = problemsOf([
    'identity: [{ id: sso, type: local }]',
    'server: { trustedProxies: [127.0.0.1] }',
    'access: { admins: ["user:ssso/ada", "user:sso/ada", group:x] }',
    'upstreams:',
    '  - { path: /a/, to: "http://u:1", allow: ["user:sso/ada", "user:local/ada"] }',
    '  - { path: /b/, to: "http://u:1", rules: [{ allow: [public] }, { allow: ["user:b/a/c"] }] }',
    'sites: [{ id: s, path: /s/, directory: /srv, allow: ["user:c/x"] }]',
    'verify: { services: [{ id: v, path: /v/, allow: ["user:d/x"] }] }',
  ])
  assert.match(said, /^g\.yaml:3:20 {2}access\.admins\[0\]/m)
  assert.match(
    said,
    /no provider under identity has the id "ssso", so "user:ssso\/ada" is nobody\n {2}fix: did you mean/,
  )
  for (const place of [
    /upstreams\[0\]\.allow\[1\]/,
    /rules\[1\]\.allow\[0\]/,
    /sites\[0\]\.allow\[0\]/,
    /services\[0\]\./,
  ]) {
    assert.match(said, place)
  }
  assert.equal(said.match(/ is nobody/g)?.length, 5)
})

test('where there is no provider at all, the remedy is to take the entry out', () => {
  const said = problemsOf(['upstreams: [{ path: /a/, to: "http://u:1", allow: ["user:sso/ada"] }]'])
  assert.match(said, /"user:sso\/ada" is nobody\n {2}fix: remove the entry/)
})

test('endpoints that are announced in etcd need an etcd, and an upstream needs endpoints from somewhere', () => {
  const announced = 'upstreams: [{ path: /u/, discover: { type: etcd, prefix: /m/ } }]'
  assert.match(problemsOf([announced]), /upstreams\[0\]\.discover\n.*\n {2}why: .*nothing says where that is/)
  assert.equal(problemsOf(['etcd: { endpoints: [http://etcd:2379] }', announced]), '')
  assert.match(problemsOf(['upstreams: [{ path: /u/ }]']), /upstreams\[0\]\.to\n {2}missing/)
  const prefixes = 'upstreams: [{ path: /u/, discover: { type: etcd, prefix: /m } }]'
  assert.match(problemsOf(['etcd: { endpoints: [http://etcd:2379] }', prefixes]), /ends with a slash/)
})

test('what stands in for the webserver of Backend.AI has its paths, its names and its people to itself', () => {
  const faults = (...lines: readonly string[]) =>
    problemsOf(['backendAi:', '  manager: { to: "http://m:1" }', '  webUi: { directory: /srv/webui }', ...lines])
  assert.equal(faults('upstreams: [{ path: /jobs/, to: "http://u:1" }, { path: /pipeline/, to: "http://u:1" }]'), '')
  const taken = /is what backendAi answers at\n {2}fix: give it another path/
  for (const path of ['/', '/Server/', '/func/']) {
    assert.match(faults(`upstreams: [{ id: u, path: ${path}, to: "http://u:1" }]`), taken, path)
    assert.match(faults(`sites: [{ id: s, path: ${path}, directory: /srv }]`), taken, path)
  }
  assert.match(
    faults('  pipeline: { to: "http://p:1" }', 'sites: [{ id: s, path: /pipeline/, directory: /srv }]'),
    taken,
  )
  assert.match(
    faults('upstreams: [{ path: /manager/, to: "http://u:1" }]'),
    /upstreams\[0\]\.id\n.*\n.*backendAi\.manager is called "manager"/,
  )
  assert.match(
    faults('  login: { provider: house }', 'identity: [{ id: house, type: local }]'),
    /login\.provider\n.*\n.*"house" is a provider of type local/,
  )
  assert.equal(faults('identity: [{ id: manager, type: backend-ai, endpoint: https://m.example.org }]'), '')
  assert.match(
    faults('  graphqlRouter: { discover: { type: etcd, prefix: /routers/ } }'),
    /backendAi\.graphqlRouter\.discover\n.*\n.*nothing says where that is/,
  )
  assert.match(faults('  session: { cookie: { sameSite: none } }'), /sameSite\n.*\n.*unless it comes over https/)
  assert.equal(faults('  session: { cookie: { sameSite: none } }', 'server: { url: https://g.example.org }'), '')
  for (const key of ['maxAge', 'extension']) {
    const fault = faults(`  session: { ${key}: 7d }`)
    assert.match(fault, new RegExp(`session\\.${key}\\n.*\\n.*ends after sessions\\.absolute, which is shorter`))
    assert.equal(faults(`  session: { ${key}: 7d }`, 'sessions: { absolute: 7d }'), '')
  }
  assert.equal(faults('access: { admins: ["user:manager/root@example.org"] }'), '')
  assert.match(faults('access: { admins: ["user:other/root@example.org"] }'), /is nobody/)
})

test('an id stands for one service, whichever sections it stands in; both places are named', () => {
  const upstream = ['upstreams:', '  - { id: grafana, path: /api/grafana/, to: "http://grafana:3000" }']
  const site = ['sites:', '  - { id: grafana, path: /grafana-docs/, directory: /srv/docs }']
  const asked = (id: string) => [
    'server: { url: "https://gate.example.org", trustedProxies: [10.0.0.1] }',
    'verify:',
    `  services: [{ id: ${id}, path: /grafana/, allow: [authenticated] }]`,
  ]
  assert.equal(problemsOf([...upstream, ...asked('grafana-pages')]), '')
  const said = problemsOf([...upstream, ...asked('grafana')])
  assert.match(said, /verify\.services\[0\]\.id\n.*\n.*upstreams\[0\] is called "grafana" already/)
  assert.match(said, /service:grafana.*\n {2}fix: give one of the two another id/)
  assert.match(problemsOf([...upstream, ...site]), /sites\[0\]\.id\n.*\n.*upstreams\[0\] is called "grafana" already/)
  assert.match(problemsOf([...site, ...asked('grafana')]), /verify\.services\[0\]\.id\n.*\n.*sites\[0\] is called/)
})

test('an id that nobody chose counts too: that of a path, of a hub, of what is in the place of a webserver', () => {
  const unnamed = ['upstreams:', '  - { path: /api/grafana/, to: "http://grafana:3000" }']
  const site = ['sites:', '  - { id: api-grafana, path: /grafana-docs/, directory: /srv/docs }']
  assert.match(
    problemsOf([...unnamed, ...site]),
    /sites\[0\]\.id\n.*\n.*upstreams\[0\] is called "api-grafana" already/,
  )
  const webUi = ['backendAi:', '  manager: { to: "http://m:1" }', '  webUi: { directory: /srv/webui }']
  const asked = ['sites:', '  - { id: web-ui, path: /docs/, directory: /srv/docs }']
  assert.match(problemsOf([...webUi, ...asked]), /sites\[0\]\.id\n.*\n.*backendAi\.webUi is called "web-ui" already/)
})
