// The guides "Connect Keycloak" and "Connect GitLab", done as they are written: what their tables say is registered at a
// stand-in, their files are saved with what their tables name replaced, their commands are run, and people log in.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { parse } from 'yaml'
import { Secret } from '#kernel'
import type { ProviderAccount } from '../../src/cli/demo/oidc.ts'
import { type GitLab, startGitLab } from '../support/gitlab/gitlab.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { createAccounts, createProviderVisitor, type ProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { runCommand } from '../support/run-command.ts'
import { startGateway } from '../support/start-gateway.ts'
import { startTamperingProvider, type TamperingProvider } from '../support/tampering-provider.ts'
import { keycloak } from '../support/vendors/keycloak.ts'
import { fillIn, type Guide, readGuide } from './guide-text.ts'

const SECRET = 'CANARY-client-secret'
const TOKEN_SECONDS = 300
/** GitLab’s ID tokens are good for two minutes of its own clock, which stands still beside ours. */
const GITLAB_TOKEN_SECONDS = 100
const GATE = 'https://gate.example.org'
const folder = makeDirectory('guide-openid')
const secretFile = join(folder, 'secret')
writeFileSync(secretFile, SECRET, { mode: 0o600 })

let port: number
let url: string
let service: RecordingUpstream

before(async () => {
  port = await findFreePort()
  url = `http://127.0.0.1:${port}`
  service = await startRecordingUpstream()
})
after(async () => {
  await service.close()
  removeDirectory(folder)
})

/** What a table says is registered, with our address in place of the example's. */
const valueIn = (guide: Guide, heading: string, name: string): string => {
  const [, value] = guide.table(heading).find(([cell]) => cell === name) ?? assert.fail(`the table says ${name}`)
  return value.replaceAll('`', '').replace(GATE, url)
}

/** The guide's file with what is ours in place of what its table names, saved. */
function follow(guide: Guide, ours: Readonly<Record<string, string>>): string {
  const text = fillIn(guide, ours)
  writeFileSync(join(folder, 'gatehouse.yaml'), text)
  return text
}

/** The guide's commands: the configuration is right, its example gets in, and the doctor finds the provider well. */
async function runCommands(guide: Guide): Promise<void> {
  const [block = ''] = guide.blocks('sh')
  const commands = block.trim().split('\n')
  const [check, explain, doctor] = commands.map((command) => command.split(' ').slice(2))
  const checked = await runCommand(check ?? [], { cwd: folder })
  assert.equal(checked.exitCode, 0, checked.output + checked.errors)
  const explained = await runCommand(explain ?? [], { cwd: folder })
  assert.equal(explained.exitCode, 0, explained.errors)
  assert.match(explained.output, /allowed/)
  const { output } = await runCommand(doctor ?? [], { cwd: folder })
  assert.match(output, /^ok +discovery /m)
  assert.match(output, /^ok +redirect URI /m)
}

const serve = (text: string, clock?: ManualClock) =>
  startGateway({
    config: [parse(text) as Record<string, unknown>, { server: { listen: `127.0.0.1:${port}` } }],
    ...(clock && { clock }),
  })

interface Visit {
  readonly id: string
  readonly there: ProviderVisitor
  readonly account: Pick<ProviderAccount, 'username' | 'password'>
}

async function logIn({ id, there, account }: Visit): Promise<TestClient> {
  const client = createClient(url)
  const begun = await client.post(`/auth/login/${id}`, { returnTo: '/' })
  assert.equal(begun.status, 303, begun.text)
  const callback = await there.login(String(begun.headers.location), account)
  const back = await client.get(callback.href, { accept: 'text/html' })
  assert.equal(back.status, 303, back.text)
  return client
}

const groupsOf = async (client: TestClient): Promise<readonly string[]> =>
  ((await client.get('/api/v1/me')).json() as { groups: readonly string[] }).groups

describe('connect Keycloak', { timeout: 120_000 }, () => {
  const guide = readGuide('docs/guide/connect-keycloak.md')
  const accounts = createAccounts()
  const [ada = assert.fail(), grace = assert.fail()] = accounts
  let provider: TamperingProvider

  before(async () => {
    const registered = (name: string) => valueIn(guide, 'in Keycloak', name)
    provider = await startTamperingProvider({
      vendor: keycloak,
      accounts,
      accessTokenSeconds: TOKEN_SECONDS,
      clients: [
        {
          clientId: registered('Client ID'),
          clientSecret: new Secret(SECRET),
          redirectUris: [registered('Valid redirect URIs')],
          postLogoutRedirectUris: [registered('Valid post logout redirect URIs')],
          backchannelLogoutUri: registered('Backchannel logout URL'),
        },
      ],
    })
  })
  after(() => provider.close())

  const followed = (): string =>
    follow(guide, {
      [GATE]: url,
      'https://sso.example.org/realms/lab': provider.issuer,
      '/run/secrets/keycloak': secretFile,
      'http://service:8081': service.url,
    })
  const visitAs = (account: ProviderAccount): Visit => ({
    id: 'sso',
    there: createProviderVisitor(provider.issuer),
    account,
  })

  test('the commands say that all is well', async () => {
    followed()
    await using _gateway = await serve(followed())
    await runCommands(guide)
  })

  test('members get through to the service; groups and roles are called what the page says', async () => {
    await using _gateway = await serve(followed())
    const client = await logIn(visitAs(grace))
    assert.equal((await client.get('/api/service/')).status, 200)
    assert.deepEqual(await groupsOf(client), [
      'lab',
      'admins',
      'realm-role:default-roles-lab',
      'realm-role:offline_access',
      'realm-role:admin',
      'client-role:gatehouse:operator',
      'client-role:account:manage-account',
      'client-role:account:view-profile',
    ])
    const me = (await client.get('/api/v1/me')).json() as { subject: string; username: string }
    assert.deepEqual([me.subject, me.username], [keycloak.subjectOf('grace'), 'grace'])
  })

  test('who leaves a group or loses a role is treated so from the next refresh on', async () => {
    const clock = createManualClock(Date.now())
    await using _gateway = await serve(followed(), clock)
    const client = await logIn(visitAs(grace))
    const index = accounts.indexOf(grace)
    accounts[index] = { ...grace, groups: ['other'] }
    assert.equal((await client.get('/api/service/')).status, 200)
    clock.advance((TOKEN_SECONDS - 59) * 1000)
    assert.equal((await client.get('/api/service/')).status, 403)
    const groups = await groupsOf(client)
    assert.ok(groups.includes('other') && !groups.includes('lab') && !groups.includes('realm-role:admin'))

    accounts[index] = grace
    clock.advance((TOKEN_SECONDS - 59) * 1000)
    assert.equal((await client.get('/api/service/')).status, 200)
    accounts.splice(index, 1)
    clock.advance((TOKEN_SECONDS - 59) * 1000)
    assert.equal((await client.get('/api/service/')).status, 401, 'the account is gone')
    accounts.splice(index, 0, grace)
  })

  test('a logout on either side is one on both', async () => {
    await using _gateway = await serve(followed())
    const visit = visitAs(ada)
    const client = await logIn(visit)
    const revoked = provider.calls.get('POST /token/revocation') ?? 0
    const { location } = (await client.post('/auth/logout')).headers
    assert.ok(String(location).startsWith(`${provider.issuer}/protocol/openid-connect/logout?`))
    assert.equal(provider.calls.get('POST /token/revocation'), revoked + 2)
    const back = await visit.there.logout(String(location))
    assert.equal((await client.get(back.href, { accept: 'text/html' })).status, 200)

    const again = await logIn(visit)
    await visit.there.logout()
    assert.equal((await again.get('/api/v1/me')).status, 401)
  })
})

describe('connect GitLab', { timeout: 120_000 }, () => {
  const guide = readGuide('docs/guide/connect-gitlab.md')
  let gitlab: GitLab

  before(async () => {
    gitlab = await startGitLab({
      accessTokenSeconds: GITLAB_TOKEN_SECONDS,
      applications: [
        {
          clientId: 'the-application-id',
          clientSecret: new Secret(SECRET),
          redirectUris: [valueIn(guide, 'in GitLab', 'Redirect URI')],
        },
      ],
    })
  })
  after(() => gitlab.close())

  const followed = (): string =>
    follow(guide, {
      [GATE]: url,
      'https://gitlab.example.org': gitlab.url,
      'the-application-id': 'the-application-id',
      '/run/secrets/gitlab': secretFile,
      'http://service:8081': service.url,
    })
  const visitAs = (username: string): Visit => {
    const account = gitlab.users.find((user) => user.username === username) ?? assert.fail()
    return { id: 'gitlab', there: createProviderVisitor(gitlab.url), account }
  }
  /** The file with something more in the provider's entry. */
  const followedWith = (line: string): string =>
    followed().replace('    label: GitLab\n', `    label: GitLab\n    ${line}\n`)

  test('the commands say that all is well', async () => {
    await using _gateway = await serve(followed())
    await runCommands(guide)
  })

  test('the application has the scopes that the file asks for', () => {
    const [{ scopes } = assert.fail()] = (parse(followed()) as { identity: { scopes: string[] }[] }).identity
    assert.deepEqual(valueIn(guide, 'in GitLab', 'Scopes').split(', '), scopes)
  })

  test('members get through to the service, others do not; GitLab’s API is there with the person’s token', async () => {
    await using _gateway = await serve(followed())
    const before = service.requests.length
    const client = await logIn(visitAs('ada'))
    assert.equal((await client.get('/api/service/')).status, 200)
    const [, jwt = ''] = /^Bearer (.+)$/.exec(service.requests[before]?.all('authorization')[0] ?? '') ?? []
    assert.deepEqual(decodeJwt(jwt).groups, ['plants', 'plants/roots'])
    const user = await client.get('/gitlab/api/v4/user')
    assert.equal((user.json() as { username: string }).username, 'ada')
    const stranger = await logIn(visitAs('mallory'))
    assert.equal((await stranger.get('/api/service/')).status, 403)
  })

  test('each line of the table about groups is so', async () => {
    const full = gitlab.users.flatMap(({ username, groups }) => (username === 'ada' ? groups : []))
    const direct = gitlab.users.flatMap(({ username, directGroups }) => (username === 'ada' ? directGroups : []))
    const asked: string[] = []
    gitlab.instead = ({ target }) => {
      if (!target.startsWith('/api/v4/groups?')) return undefined
      asked.push(target)
      return { status: 200, body: full.map((path, id) => ({ id, full_path: path, name: 'CANARY' })) }
    }
    const rows = guide.table('in the configuration').map(([line]) => line)
    const expected: Readonly<Record<string, readonly string[]>> = {
      nothing: full,
      'claims: { groups: groups_direct }': direct,
      'groupsFrom: api': full,
    }
    assert.deepEqual(rows, Object.keys(expected))
    for (const line of rows) {
      await using _gateway = await serve(line === 'nothing' ? followed() : followedWith(line))
      assert.deepEqual(await groupsOf(await logIn(visitAs('ada'))), expected[line], line)
    }
    gitlab.instead = () => undefined
    assert.deepEqual(asked, ['/api/v4/groups?all_available=false&min_access_level=10&per_page=100&page=1'])
  })

  test('who leaves a group is treated so from the next refresh on; who is gone is out', async () => {
    const clock = createManualClock(Date.now())
    await using _gateway = await serve(followed(), clock)
    const client = await logIn(visitAs('ada'))
    const [ada = assert.fail()] = gitlab.users
    gitlab.users[0] = { ...ada, groups: ['plants/roots'] }
    clock.advance((GITLAB_TOKEN_SECONDS / 2) * 1000)
    assert.equal((await client.get('/api/service/')).status, 403)
    assert.deepEqual(await groupsOf(client), ['plants/roots'])
    gitlab.users[0] = ada
    clock.advance((GITLAB_TOKEN_SECONDS / 2) * 1000)
    assert.equal((await client.get('/api/service/')).status, 200)
    gitlab.users.shift()
    clock.advance((GITLAB_TOKEN_SECONDS / 2) * 1000)
    assert.equal((await client.get('/api/service/')).status, 401)
    gitlab.users.unshift(ada)
  })

  test('who logs out has their tokens revoked', async () => {
    await using _gateway = await serve(followed())
    const client = await logIn(visitAs('ada'))
    const before = gitlab.oauth.revoked.length
    assert.equal((await client.post('/auth/logout')).headers.location, '/auth/logged-out')
    const revoked = gitlab.oauth.revoked.slice(before)
    assert.equal(revoked.length, 2)
    for (const token of revoked) assert.ok(gitlab.oauth.issued.has(token))
  })
})
