// The policy tester: an administrator asks what would be decided, and it is what is decided then. To ask is no access, and
// leaves nothing behind.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { runCommand } from '../support/run-command.ts'
import { type Lab, startLab } from './lab.ts'
import { codeOf, sendJson } from './token-lab.ts'

const PATH = '/api/v1/admin/explain'

let echo: EchoUpstream
let lab: Lab
let ada: TestClient
let grace: TestClient

before(async () => {
  echo = await startEchoUpstream()
  lab = await startLab({
    config: {
      access: { admins: ['group:admins'], contact: 'the desk' },
      upstreams: [
        { id: 'open', path: '/api/open/', to: echo.url, allow: ['public'] },
        {
          id: 'manager',
          path: '/api/manager/',
          to: echo.url,
          rules: [
            { paths: ['/admin/**'], allow: ['group:staff', 'group:local:beam'] },
            { methods: ['GET'], allow: ['group:lab'] },
          ],
        },
      ],
    },
  })
  ada = await lab.logIn('ada')
  grace = await lab.logIn('grace')
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await echo.close()
})

interface Explained {
  readonly decision: 'allowed' | 'refused' | 'nothing-there'
  readonly user?: { readonly id?: string; readonly groups: readonly string[] }
  readonly rule?: string
  readonly place?: string
  readonly because?: string
  readonly missing: readonly string[]
  readonly contact?: string
}

const ask = (body: object): Promise<TestAnswer> => sendJson(grace, lab.url, PATH, body)

async function explain(user: string, method: string, path: string, more: object = {}): Promise<Explained> {
  const answer = await ask({ user, method, path, ...more })
  assert.equal(answer.status, 200, answer.text)
  return answer.json() as Explained
}

test('a refusal is told with its rule, where that stands, what is missing and whom to ask', async () => {
  const { id } = (await lab.gateway.apis.access.users.find('local/ada')) ?? assert.fail()
  const { user, ...rest } = await explain(id, 'get', '/api/manager/admin/users')
  assert.deepEqual([user?.id, user?.groups], [id, ['lab']])
  assert.deepEqual(rest, {
    decision: 'refused',
    method: 'GET',
    path: '/api/manager/admin/users',
    answeredBy: { kind: 'service', id: 'manager', address: '/api/manager/' },
    rule: 'rule 1 of manager (every method, /admin/**)',
    place: 'upstreams[1].rules[0]',
    because:
      'Rule 1 of manager (every method, /admin/**) needs one of the groups staff, local:beam, and your account is in none of them. Whom to ask: the desk',
    missing: ['group:staff', 'group:local:beam'],
    contact: 'the desk',
  })
})

const PROBES = [
  ['GET', '/api/open/x'],
  ['GET', '/api/manager/x'],
  ['POST', '/api/manager/x'],
  ['GET', '/api/manager/admin/x'],
  ['GET', '/api/manager//admin/x'],
  ['GET', '/api/v1/me'],
  ['GET', '/api/v1/admin/groups'],
  ['GET', '/api/nowhere'],
] as const

test('what is said is what happens, and what the command line says', { timeout: 60_000 }, async () => {
  const config = lab.gateway.configFiles.flatMap((file) => ['--config', file])
  for (const [name, person] of [
    ['ada', ada],
    ['grace', grace],
    ['anonymous', lab.stranger()],
  ] as const) {
    for (const [method, path] of PROBES) {
      const said = await explain(name, method, path)
      const { status } = await person.send(path, { method, headers: { origin: lab.url } })
      const happened = status === 404 ? 'nothing-there' : status < 400 ? 'allowed' : 'refused'
      assert.equal(said.decision, happened, `${name} ${method} ${path}: ${status}`)
    }
    const [method, path] = PROBES[3]
    const { output } = await runCommand(['explain', name, method, path, '--json', ...config])
    const { decision, rule, because } = JSON.parse(output) as Explained
    const said = await explain(name, method, path)
    assert.deepEqual([said.decision, said.rule, said.because], [decision, rule, because])
  }
})

test('what is only supposed changes nothing for anybody', async () => {
  const path = '/api/manager/admin/x'
  assert.equal((await explain('ada', 'GET', path, { groups: ['local:beam'] })).decision, 'allowed')
  assert.equal((await explain('ada', 'GET', path)).decision, 'refused')
  assert.equal((await ada.get(path)).status, 403)
  const { user, decision } = await explain('sso/nobody-yet', 'GET', path, { groups: ['staff'] })
  assert.deepEqual([user?.id, decision], [undefined, 'allowed'])
  assert.equal(await lab.gateway.apis.access.users.find('sso/nobody-yet'), undefined)
})

test('to ask is written down nowhere, and counted as nobody’s refusal', async () => {
  const { audit } = lab.gateway.apis.storage
  const before = await audit.list({ limit: 1000 })
  for (let times = 0; times < 3; times++) await explain('mallory/x', 'GET', '/api/manager/admin/unheard')
  await explain('ada', 'POST', '/api/manager/unheard')
  assert.deepEqual(await audit.list({ limit: 1000 }), before)
  assert.ok(
    lab.gateway.logs.every((entry) => !JSON.stringify(entry).includes('unheard')),
    'nor sent to anybody',
  )
})

test('who is disabled may nothing, and the policies are not told', async () => {
  await lab.logIn('mallory')
  const { users } = lab.gateway.apis.access
  const mallory = (await users.find('local/mallory')) ?? assert.fail()
  await users.setDisabled(mallory.id, true)
  const { decision, because, rule } = await explain('local/mallory', 'GET', '/api/open/x')
  assert.deepEqual([decision, because, rule], ['refused', 'The account is disabled.', undefined])
})

test('what cannot be asked is refused in words', async () => {
  const question = { user: 'ada', method: 'GET', path: '/' }
  assert.equal(codeOf(await ask({ ...question, user: 'nobody' })), '404 access.personUnknown')
  for (const fault of [
    { path: 'api/manager' },
    { path: '' },
    { path: `/${'x'.repeat(4096)}` },
    { path: 'ftp://x/' },
    { method: 'G T' },
    { method: '' },
    { user: '' },
    { extra: 1 },
    { groups: [''] },
  ]) {
    assert.equal(codeOf(await ask({ ...question, ...fault })), '400 http.invalidInput', JSON.stringify(fault))
  }
  const ambiguous = await explain('ada', 'GET', '/api/manager/a/../admin')
  assert.equal(ambiguous.decision, 'refused')
  assert.match(ambiguous.because ?? '', /could be read in two ways/)
})

test('only administrators ask', async () => {
  const asked = { user: 'grace', method: 'GET', path: '/' }
  assert.equal(codeOf(await sendJson(ada, lab.url, PATH, asked)), '403 access.refused')
  assert.equal(codeOf(await sendJson(lab.stranger(), lab.url, PATH, asked)), '401 access.loginRequired')
})
