// Who is asked for what under /func/, on the wire: the Manager sees a proof wherever one is needed and none wherever the
// webserver sends none, in every release (§1.1, §12).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webUiDirectory } from '../support/backend-ai/web-ui/index.ts'
import { type BackendAiLab, type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { problem } from './post.ts'

const UNAUTHORIZED = { status: 401, type: 'auth-failed', title: 'Unauthorized access' }

/** Method and path, of rows that are the same in all releases. */
const OPEN = [
  'GET ',
  'GET cloud/x',
  'POST cloud/x',
  'GET custom-auth/x',
  'POST custom-auth/x',
  'GET openid/x',
  'POST openid/x',
  'POST saml/x',
  'HEAD folders/_/tus/upload/x',
  'PATCH folders/_/tus/upload/x',
  'OPTIONS folders/_/tus/upload/x',
  'POST totp/anon',
]
const CLOSED = `
  GET folders, PUT x, PATCH x, DELETE x, POST x, HEAD x, POST auth/signout, POST , GET stream/x, POST stream/x
  GET saml/x, GET SAML/x, GET totp/anon, POST totp, PUT cloud/x, GET cloud, DELETE openid/x, GET auth/signup
  GET folders/_/tus/upload/x, POST folders/_/tus/upload/x, GET stream/kernel/_/events, GET stream/session/x/apps
  POST admin/graphql, GET v1/x/public/y`
  .trim()
  .split(/, |\n */)
const DIFFERENT: Readonly<
  Record<ProfileName, { readonly open: readonly string[]; readonly closed: readonly string[] }>
> = {
  '26.2': { open: ['POST totp/verify', 'POST totp/x'], closed: ['GET v2/x/public/y', 'POST admin/gql'] },
  '26.4': { open: ['POST totp/anon/activate'], closed: ['POST totp/verify', 'GET v2/x/public/y', 'POST admin/gql'] },
  '26.8': {
    open: ['GET v2/x/public/y', 'HEAD v2/x/public/y', 'PUT v2/x/public/y', 'DELETE v2/x/public/y', 'POST admin/gql'],
    closed: ['POST totp/verify', 'GET v2/x/public/y/z', 'GET v2/x/private/y'],
  },
}

const BODY = '{"query":"{x}"}'

async function ask(lab: BackendAiLab, client: ReturnType<BackendAiLab['stranger']>, request: string) {
  const [method = '', path = ''] = request.split(' ')
  const before = lab.manager.counts.all + lab.router.counts.all
  const answer = await client.ask(`/func/${path}`, { method, ...(method === 'POST' && { body: BODY }) })
  const hasArrived = lab.manager.counts.all + lab.router.counts.all > before
  return { method, answer, hasArrived }
}

for (const profile of ['26.2', '26.4', '26.8'] as const) {
  test(`${profile}: a stranger reaches what is for anybody, and nothing else`, async () => {
    await using lab = await startBackendAiLab({ profile, hasRouter: true })
    const nobody = lab.stranger()
    for (const request of [...OPEN, ...DIFFERENT[profile].open]) {
      const { answer, hasArrived } = await ask(lab, nobody, request)
      assert.ok(hasArrived, `${request}: ${answer.status}`)
    }
    assert.equal(lab.manager.counts.verified + lab.manager.counts.disproved, 0)
    for (const request of [...CLOSED, ...DIFFERENT[profile].closed]) {
      const { method, answer, hasArrived } = await ask(lab, nobody, request)
      assert.equal(answer.status, 401, request)
      if (method !== 'HEAD') assert.deepEqual(problem(answer), UNAUTHORIZED, request)
      assert.equal(hasArrived, false, request)
    }
  })

  test(`${profile}: who is logged in is known where that is needed, and sends no proof where it is not`, async () => {
    await using lab = await startBackendAiLab({ profile, hasRouter: true })
    const ada = await lab.logIn()
    for (const request of [...OPEN, ...CLOSED, ...DIFFERENT[profile].open, ...DIFFERENT[profile].closed]) {
      if (['GET stream/x', 'GET stream/kernel/_/events'].includes(request)) continue
      const service = request.includes('admin/gql') ? lab.router : lab.manager
      service.forgetRequests()
      await ask(lab, ada, request)
      const [received] = service.requests
      // Those of the second factor are signed for whoever is known, because some of them need it.
      const isOptional = profile === '26.2' && request.startsWith('POST totp/')
      const isSigned = isOptional || request.includes('admin/gql') || !isOpen(request, profile)
      assert.equal(received?.verified, isSigned, request)
    }
  })
}

const isOpen = (request: string, profile: ProfileName): boolean =>
  OPEN.includes(request) || DIFFERENT[profile].open.includes(request)

test('what other methods are told, and OPTIONS that no browser sent', async () => {
  await using lab = await startBackendAiLab()
  const ada = await lab.logIn()
  for (const [method, path] of [
    ['PROPFIND', 'folders'],
    ['LOCK', 'auth/signup'],
    ['PURGE', ''],
  ] as const) {
    const answer = await ada.ask(`/func/${path}`, { method })
    assert.equal(answer.status, 405)
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(answer.bytes.toString(), '405: Method Not Allowed')
    assert.equal(answer.headers.allow, 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT')
  }
  const options = await ada.ask('/func/folders', { method: 'OPTIONS', headers: { origin: undefined } })
  assert.equal(options.status, 403)
  assert.equal(lab.manager.counts.all, 2)
})

test('/func/ping is answered here, in the words of the release', async () => {
  for (const [profile, version] of [
    ['26.2', '26.2.5'],
    ['26.4', '26.4.10'],
  ] as const) {
    await using lab = await startBackendAiLab({ profile })
    const answer = await lab.stranger().ask('/func/ping')
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.deepEqual(answer.json(), { version, details: 'Success' })
    assert.equal(lab.manager.counts.all, 0)
  }
})

test('slashes are the same for clients that write one too many; what could be two addresses is refused', async () => {
  await using lab = await startBackendAiLab()
  const ada = await lab.logIn()
  assert.equal((await ada.ask('/func//folders?a=/b')).echo().target, '/folders?a=/b')
  assert.equal((await ada.ask('/func///dbl//slash')).echo().target, '/dbl//slash')
  const asked = lab.manager.counts.all
  for (const path of [
    '/saml/x',
    '//cloud/x',
    'cloud%2Fx',
    'stream%2Fx',
    '%2e%2e/x',
    'a/../b',
    './c',
    'x\\y',
    'e%00f',
  ]) {
    const answer = await ada.ask(`/func/${path}`, { method: path.includes('saml') ? 'POST' : 'GET' })
    assert.equal(answer.status, 400, path)
  }
  assert.equal(lab.manager.counts.all, asked)
})

test('without their slash the addresses are pages of the Web UI', async () => {
  await using lab = await startBackendAiLab({ hasPipeline: true, backendAi: { webUi: { directory: webUiDirectory } } })
  for (const path of ['/func', '/pipeline', '/func?x=1']) {
    const answer = await lab.stranger().ask(path)
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'text/html; charset=utf-8'], path)
  }
  assert.equal(lab.manager.counts.all, 0)
})

test('a login at another provider brings no keypair: nothing is sent in its name', async () => {
  await using lab = await startBackendAiLab({
    config: { identity: [{ id: 'local', type: 'local' }] },
  })
  await lab.gateway.apis.identity.accounts.add({ name: 'ada', password: 'CANARY-local-password', groups: [] })
  const client = lab.stranger()
  const form = new URLSearchParams({ username: 'ada', password: 'CANARY-local-password', returnTo: '/' })
  const answer = await client.ask('/auth/login/local', {
    method: 'POST',
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(answer.status, 303)
  assert.deepEqual(problem(await client.ask('/func/folders')), UNAUTHORIZED)
  assert.equal((await client.ask('/func/')).status, 200)
})

test('a name of a session without a value is refused as the webserver does', async () => {
  await using lab = await startBackendAiLab()
  const answer = await lab.stranger().ask('/func/folders', { headers: { 'x-backendai-sessionid': '' } })
  assert.equal(answer.status, 400)
  assert.deepEqual(problem(answer), {
    status: 400,
    type: 'generic-bad-request',
    title: 'Invalid or Missing API Parameters.',
  })
})
