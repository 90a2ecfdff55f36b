// What `server.hosts`, `host` and `trust` refuse, with reason and remedy: mistakes here would put the portal's session within
// reach of a service.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem, loadConfig } from '#config'
import { configSchema } from '../../src/modules.ts'

const problemsOf = (server: string, ...upstreams: readonly string[]): string =>
  problemsIn([
    `server: { ${server} }`,
    'identity:',
    '  - { id: sso, type: oidc, issuer: https://sso.example.org, clientId: gate }',
    'upstreams:',
    ...upstreams.map((upstream) => `  - { to: "http://u:1", ${upstream} }`),
  ])

function problemsIn(lines: readonly string[]): string {
  const files = [{ name: 'g.yaml', text: lines.join('\n') }]
  const loaded = loadConfig({ files, env: {}, schema: configSchema, cwd: '/' })
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

const GATE = 'url: "https://gate.example.org"'
const HOSTED = `${GATE}, hosts: ["https://a.example.org", "https://b.example.org:8443"]`
const serverProblems = (server: string): string => problemsOf(server, 'path: /up/')

test('hosts with names of their own are right', () => {
  assert.equal(
    problemsOf(
      HOSTED,
      'path: /, host: a.example.org, trust: none, sign: { type: identity-jwt }',
      'path: /, host: b.example.org, sign: { type: bearer, credential: sso }',
      'path: /more/, host: b.example.org',
      'path: /, title: Portal',
    ),
    '',
  )
  assert.equal(serverProblems('url: "http://127.0.0.1:8080", hosts: ["http://a.localhost:8080"]'), '')
})

const refusedHosts: readonly (readonly [server: string, said: RegExp])[] = [
  ['hosts: ["https://a.example.org"]', /server\.hosts\n.*\n.*needs its address\n {2}fix: set server\.url/],
  [
    `${GATE}, hosts: ["https://gate.example.org:8443"]`,
    /gate\.example\.org is taken, and browsers send cookies to every port/,
  ],
  [
    `${GATE}, hosts: ["https://a.example.org", "https://a.example.org:8443"]`,
    /server\.hosts\[1\]\n.*\n.*a\.example\.org is taken/,
  ],
  [`${GATE}, hosts: ["http://a.example.org"]`, /the portal has https:\/\/\n {2}fix: use the same scheme/],
  ['url: "http://localhost:80", hosts: ["http://a.example.org"]', /browsers keep secure cookies only on https/],
  [`${GATE}, hosts: ["https://a.example.org."]`, /a dot at its end/],
  [`${GATE}, hosts: ["a.example.org"]`, /an origin is a scheme, a host and a port/],
  [`${GATE}, hosts: ["https://A.example.org"]`, /an origin is a scheme, a host and a port/],
  [`${GATE}, hosts: ["https://a.example.org/x"]`, /an origin is a scheme, a host and a port/],
  [
    'url: "http://gate.example.org", dangerouslyPlainCookie: true, hosts: ["http://a.example.org"]',
    /could set a plain session cookie for the portal/,
  ],
]

for (const [server, said] of refusedHosts) {
  test(`refused: ${server}`, () => assert.match(serverProblems(server), said))
}

test('an upstream on a host that is not listed is refused, with the name that was meant', () => {
  assert.match(
    problemsOf(HOSTED, 'path: /, host: c.example.org'),
    /upstreams\[0\]\.host\n.*\n.*server\.hosts has no "c\.example\.org"/,
  )
  assert.match(problemsOf(HOSTED, 'path: /, host: aa.example.org'), /fix: did you mean "a\.example\.org"\?/)
  assert.match(problemsOf(GATE, 'path: /, host: a.example.org'), /fix: add https:\/\/a\.example\.org to server\.hosts/)
  assert.match(problemsOf(HOSTED, 'path: /, host: "https://a.example.org"'), /server\.hosts has no/)
})

test('what is not trusted under a path of the portal is refused, with the reason and the remedy', () => {
  const said = problemsOf(HOSTED, 'path: /wiki/, trust: none')
  assert.match(said, /upstreams\[0\]\.trust/)
  assert.match(said, /its pages share the portal’s origin, and can do there what the person can/)
  assert.match(said, /fix: list a host for it under server\.hosts/)
})

test('what is not trusted has its host to itself', () => {
  const said = problemsOf(HOSTED, 'path: /a/, host: a.example.org, trust: none', 'path: /b/, host: a.example.org')
  assert.match(said, /upstreams\[0\]\.host\n.*\n.*the upstream a-example-org-b is on the same host/)
  assert.match(
    problemsOf(HOSTED, 'path: /a/, host: a.example.org, trust: none', 'path: /b/, host: a.example.org, trust: none'),
    /upstreams\[1\]\.host/,
  )
})

test('what is not trusted gets nothing with which it could act as the person elsewhere', () => {
  const untrusted = 'path: /, host: a.example.org, trust: none'
  assert.match(
    problemsOf(HOSTED, `${untrusted}, sign: { type: bearer, credential: sso }`),
    /bearer would hand it a credential of the person/,
  )
  assert.match(
    problemsOf(HOSTED, `${untrusted}, forwardAuthorization: true`),
    /it would receive tokens that clients send/,
  )
  const shared = problemsOf(
    HOSTED,
    `${untrusted}, sign: { type: identity-jwt, audience: jobs }`,
    'path: /jobs/, sign: { type: identity-jwt }',
  )
  assert.match(
    shared,
    /upstreams\[0\]\.sign\n.*\n.*would be accepted by the upstream jobs, which has the same audience/,
  )
  const verified = problemsIn([
    `server: { ${HOSTED}, trustedProxies: [10.0.0.5] }`,
    'verify: { services: [{ id: grafana, path: /grafana/ }] }',
    `upstreams: [{ to: "http://u:1", ${untrusted}, sign: { type: identity-jwt, audience: grafana } }]`,
  ])
  assert.match(verified, /by the service grafana of verify, which has the same audience/)
  assert.equal(problemsOf(HOSTED, `${untrusted}, sign: { type: header, headers: { X-User: "{username}" } }`), '')
})

test('the same path on two hosts is no clash; twice on one it is', () => {
  assert.equal(problemsOf(HOSTED, 'path: /, host: a.example.org', 'path: /, host: b.example.org'), '')
  assert.match(
    problemsOf(HOSTED, 'path: /, host: a.example.org, id: one', 'path: /, host: a.example.org, id: two'),
    /another upstream has the path a\.example\.org\//,
  )
  assert.match(problemsOf(HOSTED, 'path: /auth/x/, host: a.example.org'), /\/auth\/ is the gateway’s own/)
})

test('two cookies of one name are no more likely with a suffix', () => {
  const said = (suffix: string): string => problemsIn([`sessions: { cookieSuffix: ${suffix} }`])
  for (const suffix of ['-host', '-host2', '-arrival', '-login', '-known', '-last', '-logout'])
    assert.match(said(suffix), /does not start with/)
  assert.equal(said('-staging'), '')
})
