// Settings that would leave a door open (security.md V2): the gateway does not start with them, and says what to write
// instead. Each line differs from the good one above it in nothing but the mistake.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatProblem, loadConfig } from '#config'
import { configSchema } from '../../src/modules.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'

const URL_LINE = 'server: { url: "https://gate.example.org" }'
const sso = (settings: string): string => `identity: [{ id: sso, type: oidc, clientId: gate, ${settings} }]`
const upstream = (settings: string): string => `upstreams: [{ path: /u/, ${settings} }]`
const redis = (settings: string): string => `storage: { keyRing: /keys, keyValue: { type: redis, ${settings} } }`

interface Pair {
  readonly good: string
  readonly bad: string
  readonly said: RegExp
}

// biome-ignore format: a table
const pairs: Readonly<Record<string, Pair>> = {
  'a key that no feature knows': {
    good: 'sessions: { idle: 30m }', bad: 'sessions: { idel: 30m }', said: /sessions\.idel\n.*\n.*\n {2}fix: did you mean "idle"/ },
  'plain http for people': {
    good: URL_LINE, bad: 'server: { url: "http://gate.example.org" }', said: /browsers keep secure cookies only on https/ },
  'a login provider over http': {
    good: sso('issuer: "https://sso.example.org"'), bad: sso('issuer: "http://sso.example.org"'), said: /identity\[0\]\.issuer/ },
  'a Manager that takes passwords over http': {
    good: 'identity: [{ id: m, type: backend-ai, endpoint: "https://m.example.org" }]',
    bad: 'identity: [{ id: m, type: backend-ai, endpoint: "http://m.example.org" }]', said: /identity\[0\]\.endpoint/ },
  'a secret in the file': {
    good: sso('issuer: "https://s.example.org", clientSecret: { env: S }'),
    bad: sso('issuer: "https://s.example.org", clientSecret: hunter2'), said: /identity\[0\]\.clientSecret/ },
  'scripts of every site': {
    good: 'server: { cors: { origins: ["https://lab.example.org"] } }', bad: 'server: { cors: { origins: ["*"] } }', said: /an origin is a scheme/ },
  'frames of every site': {
    good: 'server: { frameAncestors: ["https://lab.example.org"] }', bad: 'server: { frameAncestors: ["*"] }', said: /an origin is a scheme/ },
  'a proxy in front that could be anybody': {
    good: 'server: { trustedProxies: [10.0.0.0/8] }', bad: 'server: { trustedProxies: [0.0.0.0/0] }', said: /does not hold all addresses/ },
  'the same in IPv6': {
    good: 'server: { trustedProxies: ["fd00::/8"] }', bad: 'server: { trustedProxies: ["::/0"] }', said: /does not hold all addresses/ },
  'a Redis elsewhere without a password': {
    good: redis('url: "redis://redis:6379/0", password: { env: S }'), bad: redis('url: "redis://redis:6379/0"'), said: /requirepass/ },
  'both a list and rules': {
    good: upstream('to: "http://u:1", allow: [public]'),
    bad: upstream('to: "http://u:1", allow: [public], rules: [{ allow: ["group:a"] }]'), said: /give either allow or rules/ },
  'an upstream that is no origin': {
    good: upstream('to: "http://u:1"'), bad: upstream('to: "http://ada:secret@u:1"'), said: /upstreams\[0\]\.to/ },
  'a group that lost its word': {
    good: upstream('to: "http://u:1", allow: ["group:lab"]'), bad: upstream('to: "http://u:1", allow: [lab]'), said: /did you mean "group:lab"/ },
  'no end to the time in which headers arrive': {
    good: 'server: { limits: { headTime: 1s } }', bad: 'server: { limits: { headTime: 0s } }', said: /the shortest allowed is 1ms/ },
  'no end to connections that say nothing': {
    good: 'server: { limits: { keepAlive: 1s } }', bad: 'server: { limits: { keepAlive: 0s } }', said: /the shortest allowed is 1ms/ },
  'a stop that is so long that a timer makes nothing of it': {
    good: 'server: { shutdown: { drain: 1d } }', bad: 'server: { shutdown: { drain: 25d } }', said: /the longest allowed is 1d/ },
  'administrators by merely logging in': {
    good: 'access: { admins: ["group:admins"] }', bad: 'access: { admins: [authenticated] }', said: /neither group:NAME nor user:/ },
}

const problemsOf = (line: string): string => {
  const loaded = loadConfig({
    files: [{ name: 'g.yaml', text: line }],
    env: { S: 's' },
    schema: configSchema,
    cwd: '/',
  })
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

for (const [name, { good, bad, said }] of Object.entries(pairs)) {
  test(`${name}: refused`, () => {
    assert.equal(problemsOf(good), '')
    const problems = problemsOf(bad)
    assert.match(problems, said)
    assert.doesNotMatch(problems, /hunter2|secret@/)
  })
}

test('serve ends with 1 and says so, before it opens anything', { timeout: 30_000 }, async (t) => {
  const directory = makeDirectory('unsafe')
  const file = join(directory, 'gatehouse.yaml')
  const unsafe = 'server: { url: "http://gate.example.org", listen: "127.0.0.1:0" }'
  writeFileSync(
    file,
    `${unsafe}\nstorage: { directory: "${join(directory, 'data')}" }\ntelemetry: { metrics: false }\n`,
  )
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'serve', '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.after(() => {
    child.kill('SIGKILL')
    removeDirectory(directory)
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.equal(code, 1)
  assert.match(said, /gatehouse\.yaml:1:\d+ {2}server\.url/)
  assert.ok(!existsSync(join(directory, 'data')))
})
