import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { User } from '#access'
import { runCommand } from '../../test/support/run-command.ts'
import { type CommandContext, readConfig } from './command-context.ts'
import { openGateway } from './open-gateway.ts'

const cwd = mkdtempSync(join(tmpdir(), 'gatehouse-explain-'))
after(() => rmSync(cwd, { recursive: true }))

writeFileSync(
  join(cwd, 'gatehouse.yaml'),
  `
server: { url: https://gate.example.org/x, hosts: [https://notes.example.org] }
storage: { directory: ./data }
access: { contact: the desk, admins: [group:admins] }
identity: [{ id: sso, type: local }]
upstreams:
  - path: /api/manager/
    id: manager
    to: http://127.0.0.1:9/
    rules:
      - { paths: [/status], allow: [public] }
      - { paths: [/admin/**], allow: [group:staff, group:root] }
      - { methods: [GET], allow: [group:lab, "user:sso/grace"] }
  - { path: /lab/, host: notes.example.org, to: http://127.0.0.1:9/, allow: [group:lab] }
`,
)

const explain = (...args: readonly string[]) => runCommand(['explain', ...args], { cwd })

const explainAsJson = async (...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse((await explain(...args, '--json')).output) as Readonly<Record<string, unknown>>

let ada: User

before(async () => {
  const unexpected = (said: unknown): never => assert.fail(String(said))
  const context: CommandContext = {
    env: {},
    cwd,
    stdin: process.stdin,
    nodeVersion: process.versions.node,
    onSignal: () => () => undefined,
    print: unexpected,
    printError: unexpected,
    setExitCode: unexpected,
  }
  const gateway = await openGateway(await readConfig(context, undefined), context)
  const { users } = gateway.apis.access
  const login = { provider: 'sso', issuer: 'https://sso', displayName: 'Ada', groups: ['lab'] }
  ada = await users.admit({ ...login, subject: '8f2c41', username: 'ada' })
  await users.admit({ ...login, subject: 'twin-1', username: 'twin' })
  await users.admit({ ...login, subject: 'twin-2', username: 'twin' })
  const gone = await users.admit({ ...login, subject: 'gone', username: 'gone' })
  await users.setDisabled(gone.id, true)
  await gateway.stop()
})

test('a refusal names the rule, what is missing and whom to ask', async () => {
  const { output, exitCode } = await explain('ada', 'GET', '/x/api/manager/admin/users')
  assert.equal(exitCode, 3)
  assert.equal(
    output,
    `GET /x/api/manager/admin/users
  decision    refused
  answered by manager (/api/manager/)
  user        ada (sso/8f2c41)
  groups      lab
  rule        rule 2 of manager (every method, /admin/**)
  because     Rule 2 of manager (every method, /admin/**) needs one of the groups staff, root, and your account is in none of them. Whom to ask: the desk
  missing     group:staff or group:root
`,
  )
  assert.deepEqual(await explainAsJson('ada', 'GET', '/x/api/manager/admin/users'), {
    decision: 'refused',
    method: 'GET',
    path: '/x/api/manager/admin/users',
    user: { name: 'ada (sso/8f2c41)', groups: ['lab'], isAdmin: false },
    answeredBy: 'manager (/api/manager/)',
    rule: 'rule 2 of manager (every method, /admin/**)',
    because:
      'Rule 2 of manager (every method, /admin/**) needs one of the groups staff, root, and your account is in none of them. Whom to ask: the desk',
    missing: ['group:staff', 'group:root'],
  })
})

test('the exit code says what would happen', async () => {
  const table: readonly (readonly [exitCode: number, ...args: string[]])[] = [
    [0, 'ada', 'GET', '/x/api/manager/folders'],
    [0, 'ada', 'get', '/api/manager/folders?x=1'],
    [0, 'ada', 'HEAD', 'https://gate.example.org/x/api/manager/folders'],
    [0, ada.id, 'GET', '/x/api/manager/folders'],
    [0, 'sso/8f2c41', 'GET', '/x/api/manager/folders'],
    [3, 'ada', 'POST', '/x/api/manager/folders'],
    [3, 'ada', 'GET', '/x/api/manager//admin/users'],
    [3, 'ada', 'GET', '/x/api/manager/a/../admin'],
    [3, 'ada', 'GET', 'https://gate.example.org/x/api/manager/a/../status'],
    [0, 'ada', 'GET', '/x/api/manager/admin', '--group', 'other', '--group', 'root'],
    [3, 'gone', 'GET', '/x/api/manager/folders'],
    [0, 'sso/grace', 'GET', '/x/api/manager/folders'],
    [3, 'other/grace', 'GET', '/x/api/manager/folders'],
    [0, 'anonymous', 'GET', '/x/api/manager/status'],
    [3, 'anonymous', 'GET', '/x/api/manager/folders'],
    [0, 'ada', 'GET', '/x/api/v1/me'],
    [3, 'anonymous', 'GET', '/x/api/v1/me'],
    [3, 'ada', 'GET', '/x/api/v1/admin/users'],
    [0, 'ada', 'GET', '/x/api/v1/admin/users', '-g', 'admins'],
    [4, 'ada', 'GET', '/x/nowhere'],
    [4, 'ada', 'GET', '/x/api/v1/nowhere'],
    [0, 'ada', 'GET', 'https://notes.example.org/lab/x'],
    [0, 'ada', 'GET', 'https://NOTES.example.org:443/lab/x'],
    [3, 'anonymous', 'GET', 'https://notes.example.org/lab/x'],
    [4, 'ada', 'GET', 'https://notes.example.org/x/api/manager/folders'],
    [4, 'ada', 'GET', 'https://gate.example.org/x/lab/x'],
    [3, 'ada', 'GET', 'https://other.example.org/x/api/manager/folders'],
    [1, 'nobody', 'GET', '/x/api/manager/folders'],
    [1, 'twin', 'GET', '/x/api/manager/folders'],
    [2, 'ada', 'GET'],
  ]
  for (const [expected, ...args] of table) {
    const { exitCode, errors } = await explain(...args)
    assert.equal(exitCode, expected, `${args.join(' ')}: ${errors}`)
  }
})

test('a service on a host of its own is named with it', async () => {
  const { answeredBy } = await explainAsJson('ada', 'GET', 'https://notes.example.org/lab/x')
  assert.equal(answeredBy, 'notes-example-org-lab (notes.example.org/lab/)')
})

test('what is only supposed is said', async () => {
  assert.equal(
    (await explainAsJson('sso/grace', 'GET', '/api/manager/x')).note,
    'has never logged in here; only the groups given count',
  )
  assert.equal((await explainAsJson('gone', 'GET', '/api/manager/x')).because, 'The account is disabled.')
  assert.equal((await explainAsJson('anonymous', 'GET', '/api/manager/x')).user, null)
  assert.match((await explain('twin', 'GET', '/')).errors, /No user is called "twin", or more than one is/)
})
