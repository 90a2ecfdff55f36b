// `gatehouse init` and `gatehouse doctor` at providers that publish nothing about themselves: what each wrong answer is
// told as, and that a right one is taken.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Secret } from '#kernel'
import { createRecords, type Facility, sendJson, startFacility } from '../../test/support/facility/index.ts'
import { type GitLab, startGitLab } from '../../test/support/gitlab/gitlab.ts'
import { type ListeningServer, listen } from '../../test/support/oidc-provider.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../../test/support/programs.ts'
import { runCommand } from '../../test/support/run-command.ts'

const root = makeDirectory('init-logins')
const SECRET = 'CANARY-client-secret'
let service: ListeningServer
/** Answers whatever a case wants. */
let strange: ListeningServer
let answer: RequestListener
let nowhere: string
let cwd: string
let folders = 0

before(async () => {
  service = await listen()
  service.serve((_request, response) => response.end())
  strange = await listen()
  strange.serve((request, response) => answer(request, response))
  nowhere = `http://127.0.0.1:${await findFreePort()}/`
})
after(async () => {
  await strange.close()
  await service.close()
  removeDirectory(root)
})
beforeEach(() => {
  folders += 1
  cwd = join(root, String(folders))
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'secret'), SECRET, { mode: 0o600 })
  writeFileSync(join(cwd, 'other-secret'), 'CANARY-other', { mode: 0o600 })
})

const init = (...args: readonly string[]) =>
  runCommand(['init', '--url', 'http://localhost:8080', '--to', service.url, ...args], { cwd })

const always =
  (status: number, type = 'text/html', body = '<!doctype html>'): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end(body)
const json = (status: number, body: unknown) => always(status, 'application/json', JSON.stringify(body))

/** What is answered, and what is said of it. */
type Cases = Readonly<Record<string, readonly [RequestListener, RegExp]>>

/** Each of these is said with a remedy, and nothing is written. */
async function refuses(cases: Cases, run: () => ReturnType<typeof init>): Promise<void> {
  for (const [name, [listener, said]] of Object.entries(cases)) {
    answer = listener
    const { errors, exitCode } = await run()
    assert.match(errors, said, name)
    assert.match(errors, /\n {2}fix: /, name)
    assert.equal(exitCode, 1, name)
    assert.doesNotMatch(errors, /CANARY/, name)
    assert.equal(existsSync(join(cwd, 'gatehouse.yaml')), false, name)
  }
}

interface Finding {
  readonly check: string
  readonly status: string
  readonly what: string
  readonly fix?: string
}

async function examine(...checks: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const { output } = await runCommand(['doctor', '--json'], { cwd })
  assert.doesNotMatch(output, /CANARY/)
  const { findings } = JSON.parse(output) as { readonly findings: readonly Finding[] }
  return checks.map((name) => {
    const { status, what } = findings.find(({ check }) => check === name) ?? assert.fail(`${name} in ${output}`)
    return [status, what]
  })
}

describe('at a facility', () => {
  let facility: Facility
  before(async () => {
    facility = await startFacility(createRecords())
  })
  after(() => facility.close())
  beforeEach(() => facility.bent.clear())

  const at = (endpoint: string) => init('--login', 'facility', '--endpoint', endpoint)

  test('what refuses a name that nobody has is taken, and written as it was given', async () => {
    facility.asked.length = 0
    const made = await at(`${facility.url}/login/`)
    assert.equal(made.exitCode, 0, made.errors)
    const [{ method, body } = assert.fail()] = facility.asked
    assert.equal(method, 'POST')
    assert.match((JSON.parse(body) as { username: string }).username, /^gatehouse-asks-\w+$/)
    const printed = await runCommand(['config', 'print'], { cwd })
    assert.match(printed.output, new RegExp(`identity\\[0\\]\\.login: "?${RegExp.escape(facility.url)}/login/`))
    const [found] = await examine('facility office')
    assert.deepEqual(found, ['ok', `${facility.url}/login/ refuses a name that nobody has (401)`])
  })

  test('each answer that no login gives is told as what it is', async () => {
    const cases: Cases = {
      'no such address': [always(404), /there is nothing at .* \(404\)/],
      'no POST': [always(405), /takes no POST \(405\)/],
      'a page': [always(200), /answers 200 without JSON: it is a page/],
      'JSON that is none': [always(200, 'application/json', '{'), /answers 200 without JSON/],
      'everybody is let in': [json(200, 'Login OK'), /answers 200 to a name and a password that nobody has/],
      'a redirect': [always(302), /leads elsewhere \(302\), and no password is sent on/],
      'an error': [always(500), /is in trouble \(500\)/],
      'a hang-up': [(request) => request.socket.destroy(), /the connection was closed without an answer/],
    }
    await refuses(cases, () => at(`${strange.url}/login/`))
    await refuses({ 'nobody there': [always(200), /nothing listens there/] }, () => at(nowhere))
    await refuses({ 'no https': [always(200), /use https/] }, () => at('http://office.example.org/login/'))
  })

  test('404 as JSON is how some say no', async () => {
    answer = json(404, { detail: 'Not found.' })
    assert.equal((await at(`${strange.url}/login/`)).exitCode, 0)
  })

  test('the doctor asks too who may, and says whether the gateway itself is let in', async () => {
    const write = (password: string) => {
      writeFileSync(join(cwd, 'basic'), password, { mode: 0o600 })
      const basic = { username: facility.records.basic.username, password: { file: 'basic' } }
      const isAuthorized = { url: `${facility.url}/is_staff/`, basic }
      const office = { id: 'office', type: 'facility', login: `${facility.url}/login/`, isAuthorized }
      writeFileSync(join(cwd, 'gatehouse.yaml'), JSON.stringify({ identity: [office] }))
    }
    write(facility.records.basic.password)
    const [right = assert.fail()] = await examine('facility office')
    assert.equal(right[0], 'ok')
    assert.match(right[1], /\/is_staff\/ says who may \(404\)$/)
    write('CANARY-wrong')
    const [wrong = assert.fail()] = await examine('facility office')
    assert.deepEqual(wrong, ['failure', `${facility.url}/is_staff/ refuses the gateway itself (403)`])
    write(facility.records.basic.password)
    facility.bent.set('is_staff', (response) => sendJson(response, 500, {}))
    const [broken = assert.fail()] = await examine('facility office')
    assert.match(broken[1], /is in trouble \(500\)/)
  })
})

describe('at a provider of plain OAuth', () => {
  let gitlab: GitLab
  before(async () => {
    gitlab = await startGitLab({
      applications: [
        {
          clientId: 'gatehouse',
          clientSecret: new Secret(SECRET),
          redirectUris: ['http://localhost:8080/auth/callback/login'],
        },
      ],
    })
  })
  after(() => gitlab.close())

  const toArgs = (given: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries({
      login: 'oauth2',
      'authorization-url': `${gitlab.url}/oauth/authorize`,
      'token-url': `${gitlab.url}/oauth/token`,
      'userinfo-url': `${gitlab.url}/api/v4/user`,
      'client-id': 'gatehouse',
      'client-secret-file': 'secret',
      subject: 'id',
      ...given,
    }).flatMap(([name, value]) => [`--${name}`, value])
  const at = (given: Readonly<Record<string, string>> = {}) => init(...toArgs(given))

  test('what is missing is named', async () => {
    const { errors, exitCode } = await init('--login', 'oauth2')
    assert.equal(exitCode, 2)
    assert.match(errors, /say --authorization-url, --token-url, --userinfo-url, --client-id, --subject$/m)
  })

  test('right answers are taken, what to register is said, and the doctor agrees', async () => {
    const made = await at()
    assert.equal(made.exitCode, 0, made.errors)
    assert.match(made.output, /redirect URI {14}http:\/\/localhost:8080\/auth\/callback\/login\n/)
    assert.doesNotMatch(made.output, /logout URI|redirect URI {2}undefined/)
    assert.doesNotMatch(readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8'), /CANARY/)
    assert.deepEqual(await examine('redirect URI login', 'client login', 'person login'), [
      ['ok', 'the provider begins a login that comes back to http://localhost:8080/auth/callback/login'],
      ['ok', `${gitlab.url}/oauth/token takes the client, and refuses a code that nobody has (invalid_grant)`],
      ['ok', `${gitlab.url}/api/v4/user refuses a token that nobody has (401)`],
    ])
  })

  test('a wrong secret or client id is told as that, by init and by the doctor', async () => {
    const any = always(200)
    const refusesClient = /does not take the client id and its secret \(invalid_client\)/
    await refuses({ 'wrong secret': [any, refusesClient] }, () => at({ 'client-secret-file': 'other-secret' }))
    await refuses({ 'wrong id': [any, refusesClient] }, () => at({ 'client-id': 'somebody' }))
    const kept = await init(...toArgs({ 'client-secret-file': 'other-secret' }), '--yes')
    assert.equal(kept.exitCode, 0, kept.errors)
    assert.match(kept.errors, /^warning: How people log in: .* does not take the client id/)
    const [client = assert.fail()] = await examine('client login')
    assert.equal(client[0], 'failure')
  })

  test('the secret travels as it will at a login: in the header, form-encoded (RFC 6749 §2.3.1)', async () => {
    writeFileSync(join(cwd, 'odd-secret'), 'CANARY:a b%', { mode: 0o600 })
    let authorization = ''
    answer = (request, response) => {
      authorization = request.headers.authorization ?? ''
      json(400, { error: 'invalid_grant' })(request, response)
    }
    const made = await at({ 'token-url': `${strange.url}/token`, 'client-secret-file': 'odd-secret' })
    assert.equal(made.exitCode, 0, made.errors)
    assert.equal(authorization, `Basic ${Buffer.from('gatehouse:CANARY%3Aa+b%25').toString('base64')}`)
  })

  test('each address that is another is told as what it is', async () => {
    const pages: Cases = {
      'no such address': [always(404), /there is no login page at .* \(404\)/],
      'an error': [always(503), /is in trouble \(503\)/],
    }
    await refuses(pages, () => at({ 'authorization-url': `${strange.url}/authorize` }))
    const tokens: Cases = {
      'no such address': [always(404), /nothing at .* that takes a code \(404\)/],
      'a page': [always(200), /answers 200 to a code, and not as a token endpoint does/],
      'JSON that is no error': [json(200, {}), /answers 200 to a code, and not as a token endpoint does/],
      'GitHub’s word': [
        json(200, { error: 'incorrect_client_credentials' }),
        /does not take the client id and its secret/,
      ],
      'a refusal without a word': [always(401), /does not take the client id and its secret \(401\)/],
      'what nobody would show': [json(400, { error: '\u001b[31mCANARY' }), /and not as a token endpoint does/],
    }
    await refuses(tokens, () => at({ 'token-url': `${strange.url}/token` }))
    const people: Cases = {
      'no such address': [always(404), /there is nothing at .* \(404\)/],
      'a login page': [always(302), /leads elsewhere \(302\): it is a page, no API/],
      'a page': [always(200), /answers 200 without JSON: it is a page, no API/],
      'tells everybody': [json(200, { id: 1 }), /answers 200 to a token that nobody has/],
    }
    await refuses(people, () => at({ 'userinfo-url': `${strange.url}/user` }))
    for (const name of ['authorization-url', 'token-url', 'userinfo-url']) {
      await refuses({ [name]: [always(200), /does not answer: nothing listens there/] }, () => at({ [name]: nowhere }))
    }
    await refuses({ 'an e-mail address': [always(200), /is given to other people one day/] }, () =>
      at({ subject: 'email' }),
    )
  })
})
