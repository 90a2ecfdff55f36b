// `gatehouse import backend-ai`: what it writes is right, whatever the file says, and no secret is in it or on the screen.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { formatProblem } from '#config'
import { makeDirectory, removeDirectory } from '../../test/support/programs.ts'
import { runCommand } from '../../test/support/run-command.ts'
import { convert } from './import/convert.ts'
import { loadDraft } from './init/draft.ts'

const root = makeDirectory('import')
after(() => removeDirectory(root))

let folders = 0
/** A folder of its own with this file in it. */
function makeFolder(conf: string): string {
  folders += 1
  const folder = join(root, String(folders))
  mkdirSync(folder)
  writeFileSync(join(folder, 'webserver.conf'), conf)
  return folder
}

const run = (cwd: string, ...args: readonly string[]) => runCommand(['import', 'backend-ai', ...args], { cwd })

const pem = new URL('../../test/fixtures/tls/localhost', import.meta.url).pathname

const SMALL = `[api]
endpoint = "http://127.0.0.1:8091"
[session.redis]
addr = "redis.example.org:6379"
password = "CANARY-redis"
`

test('with --out all that is needed is written, and `config check` finds it right', async () => {
  const cwd = makeFolder(`${SMALL}[service]
ssl_enabled = true
ssl_cert = "${pem}.pem"
ssl_privkey = "${pem}-key.pem"
static_path = "webui"
`)
  const made = await run(cwd, 'webserver.conf', '--url', 'https://console.example.org', '--out', 'new/gatehouse.yaml')
  assert.equal(made.exitCode, 0, made.errors)
  const file = join(cwd, 'new', 'gatehouse.yaml')
  const text = readFileSync(file, 'utf8')
  assert.doesNotMatch(text + made.output + made.errors, /CANARY/)
  const secret = join(cwd, 'new', 'redis-password')
  assert.equal(readFileSync(secret, 'utf8'), 'CANARY-redis\n')
  assert.equal(statSync(secret).mode & 0o777, 0o600)
  assert.ok(existsSync(join(cwd, 'new', 'key-ring')))
  const checked = await runCommand(['config', 'check', '--config', file], { cwd })
  assert.equal(checked.exitCode, 0, checked.errors)
  const { output } = await runCommand(['config', 'print', '--config', file], { cwd })
  assert.match(output, /^server\.url: https:\/\/console\.example\.org /m)
  assert.match(output, /^backendAi\.webUi\.directory: .*\/webui /m)
  assert.match(output, /^storage\.keyValue\.password: \[secret\] +# file .*new\/redis-password, named in/m)
  assert.ok(
    output.includes(`backendAi.webUi.directory: ${join(cwd, 'webui')} `),
    'paths count from the original’s file',
  )
})

test('without --out it is on standard output, and what is still to be made is said', async () => {
  const cwd = makeFolder(SMALL)
  const { output, errors, exitCode } = await run(cwd, 'webserver.conf')
  assert.equal(exitCode, 0, errors)
  assert.match(output, /^# Written by `gatehouse import backend-ai`/)
  assert.match(errors, /^taken for profile 26\.2: .*; --profile says otherwise$/m)
  assert.match(errors, /^warning: webserver\.conf:1:1 {2}service\.ip: .*--url$/m)
  assert.match(errors, /^to do: put the password of Redis into the file redis-password/m)
  assert.match(errors, /^to do: make the file key-ring .*: gatehouse keys rotate$/m)
  assert.doesNotMatch(output + errors, /CANARY/)
  assert.deepEqual(await runCommand(['import', 'backend-ai', 'webserver.conf'], { cwd }), { output, errors, exitCode })
})

test('the release can be said', async () => {
  const cwd = makeFolder(SMALL)
  const { output, errors } = await run(cwd, 'webserver.conf', '--profile', '26.8')
  assert.match(output, /^ {2}profile: "26\.8"$/m)
  assert.match(output, /^ {2}sharedRedis:\n {4}type: redis\n {4}host: redis\.example\.org$/m)
  assert.match(output, /^ {4}healthCheck:\n {6}path: \/health\/readyz$/m)
  assert.doesNotMatch(errors, /taken for/)
  const alone = await run(makeFolder('api.endpoint = "http://m:1"'), 'webserver.conf', '--profile', '26.4')
  assert.equal(alone.exitCode, 1)
  assert.match(alone.errors, /Managers of 26\.4 keep the records of logins in a Redis/)
})

test('plain http to other machines works as it did, and says what that means', async () => {
  const cwd = makeFolder(SMALL)
  const { output } = await run(cwd, 'webserver.conf', '--url', 'http://10.0.0.1:8080')
  assert.match(output, /dangerouslyPlainCookie: true/)
  assert.doesNotMatch((await run(cwd, 'webserver.conf', '--url', 'http://127.0.0.1:8080')).output, /PlainCookie/)
})

describe('what cannot be done is said, and nothing is written', () => {
  const refused: readonly (readonly [string, string, readonly string[], number, RegExp])[] = [
    ['no such file', SMALL, ['other.conf'], 1, /^other\.conf cannot be read: there is no such file\.$/m],
    ['a URL that is none', SMALL, ['webserver.conf', '--url', 'console.example.org'], 2, /--url is an address such as/],
    [
      'a release that is none',
      SMALL,
      ['webserver.conf', '--profile', '25'],
      2,
      /Allowed choices are 26\.2, 26\.4, 26\.8/,
    ],
    [
      'a wrong value',
      SMALL.replace('6379"', 'x"'),
      ['webserver.conf'],
      1,
      /^webserver\.conf:4:8 {2}session\.redis\.addr\n/m,
    ],
    ['no TOML', '[api', ['webserver.conf'], 1, /^webserver\.conf:1:\d+\n {2}not TOML\n {2}why: /m],
    [
      'a certificate that is not there',
      `${SMALL}[service]\nssl_enabled = true\nssl_cert = "none.pem"\nssl_privkey = "none.pem"\n`,
      ['webserver.conf'],
      1,
      /server\.tls\.certificate\n.*\n.*none\.pem cannot be read: there is no such file/,
    ],
    [
      'https without a certificate',
      `${SMALL}[service]\nssl_enabled = true\n`,
      ['webserver.conf'],
      1,
      /needs a certificate/,
    ],
  ]
  for (const [what, conf, args, code, message] of refused) {
    test(what, async () => {
      const cwd = makeFolder(conf)
      const { exitCode, errors, output } = await run(cwd, ...args, '--out', 'gatehouse.yaml')
      assert.equal(exitCode, code)
      assert.match(errors, message)
      assert.equal(output, '')
      assert.equal(existsSync(join(cwd, 'gatehouse.yaml')), false)
    })
  }

  test('a file in the way', async () => {
    const cwd = makeFolder(SMALL)
    writeFileSync(join(cwd, 'gatehouse.yaml'), 'mine')
    const kept = await run(cwd, 'webserver.conf', '--out', 'gatehouse.yaml')
    assert.equal(kept.exitCode, 1)
    assert.match(kept.errors, /gatehouse\.yaml already\. Nothing was written; --force replaces it\.$/m)
    assert.equal(readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8'), 'mine')
    assert.equal((await run(cwd, 'webserver.conf', '--out', 'gatehouse.yaml', '--force')).exitCode, 0)
  })
})

describe('whatever the file says', () => {
  test('it is refused with places, or what is written is right, and tells no secret', async () => {
    await fc.assert(
      fc.asyncProperty(confs, fc.constantFrom(undefined, '26.2', '26.4', '26.8'), async (text, profile) => {
        const converted = await convert({ file: 'w', path: '/etc/w', text, url: undefined, profile })
        if ('problems' in converted) {
          assert.ok(converted.problems.length > 0)
          for (const problem of converted.problems) {
            assert.match(formatProblem(problem), /^w:\d+:\d+/)
            assert.doesNotMatch(formatProblem(problem), /CANARY/)
          }
          return
        }
        const loaded = loadDraft({ cwd: root }, { file: 'gatehouse.yaml', ...converted })
        assert.ok(
          loaded.ok,
          `${text}\n${converted.text}\n${loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')}`,
        )
        assert.doesNotMatch(JSON.stringify([converted.text, converted.warnings, converted.dropped]), /CANARY/)
      }),
      { numRuns: 400 },
    )
  })
})

const quoted = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'true', 'no', '8080', 'a,b', ' x , y ', "'self'", 'HS256', 'INFO', 'https', 'round_robin'),
    fc.constantFrom('http://m:1', 'https://m/p', 'http://m:80/p/', 'http://[::1]:1,http://m:2', 'http://'),
    fc.constantFrom('h:1', '[::1]:6379', 'a:1,b:2', 'h:99999', '127.0.0.1', '::'),
  )
  .map((text) => JSON.stringify(text))

const value = fc.oneof(
  { weight: 4, arbitrary: quoted },
  fc.constantFrom(
    'true',
    'false',
    '0',
    '1',
    '60',
    '5.5',
    '-1',
    'nan',
    'inf',
    '1e300',
    '99999999999999999999',
    '2026-01-01',
  ),
  fc.array(quoted, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  fc.constantFrom(
    '{}',
    '{ host = "h", port = 1 }',
    '{ host = 1, port = "x" }',
    '{ url = "http://x" }',
    '[{ host = "h", port = 1 }]',
  ),
)

/** Keys that mean something, each with a value that may fit. */
const keys =
  `service.ip service.port service.wsproxy.url service.force_endpoint_protocol service.mode service.static_path
service.hide_agents service.single_sign_on_vendors service.system_SSH_image service.allow-theme-mode service.enable_signup
security.request_policies security.csp.default-src security.csp.img_src security.cookie_secure resources.max_shm_per_container
resources.max_file_upload_size environments.allowlist plugin.page pipeline.endpoint pipeline.frontend-endpoint
ui.menu_blocklist api.domain api.text api.ssl_verify api.auth_token_name api.health_check_interval api.health_check_probe_path
api.endpoint_selection_policy jwt.algorithm jwt.token_expiration_seconds session.redis.sentinel session.redis.service_name
session.redis.use_tls session.redis.tls_skip_verify session.redis.db session.redis.helper.max_age
session.redis.override_configs.statistics.addr session.max_age session.login_session_extension_sec session.login_block_time
session.login_allowed_fail_count apollo-router.enabled apollo-router.endpoint logging.level debug.enabled other.key`.split(
    /\s+/,
  )

const usually = (usual: string, otherwise: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: otherwise })

/** Some of what everybody has, so that many are right; and any of the others. */
const confs = fc
  .tuple(
    usually('"http://u:CANARY@m:8081"', quoted),
    usually('"127.0.0.1:6379"', quoted),
    usually('"CANARY"', fc.constant('["CANARY"]')),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), value), { selector: ([key]) => key, maxLength: 4 }),
  )
  .map(([endpoint, addr, password, pairs]) =>
    [
      `api.endpoint = ${endpoint}`,
      `session.redis.addr = ${addr}`,
      `session.redis.password = ${password}`,
      ...pairs.map(([key, each]) => `${key} = ${each}`),
    ].join('\n'),
  )
