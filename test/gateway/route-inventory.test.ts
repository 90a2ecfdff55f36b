// Deny by default, route by route (security.md, must-have 1): who gets what at everything that hangs on the door. A route
// or an upstream that is not in a table here fails the test, and so does a line that nothing stands for any more.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Gateway } from '../../src/gateway.ts'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { sendRaw } from '../support/raw-http.ts'
import { askForSocket } from '../support/raw-web-socket.ts'
import { listRoutes } from './list-routes.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

/** The status for a program without a session, a browser without one, ada, and grace, who is an admin. */
type Line = readonly [stranger: number, visitor: number | '–', ada: number, grace: number]

const NOBODYS = 'f'.repeat(64)
const openApi: unknown = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'))

// biome-ignore format: a table
const routes: Readonly<Record<string, { readonly line: Line; readonly path?: string; readonly form?: Readonly<Record<string, string>> }>> = {
  //                                           stranger visitor ada grace
  'GET /':                             { line: [401, 303, 200, 200] },
  'GET /apps':                         { line: [401, 303, 200, 200] },
  'GET /help':                         { line: [401, 303, 200, 200] },
  'GET /settings':                     { line: [401, 303, 200, 200] },
  'GET /settings/:page':               { line: [401, 303, 200, 200], path: '/settings/profile' },
  'GET /admin':                        { line: [401, 303, 403, 200] },
  'GET /admin/:page':                  { line: [401, 303, 403, 200], path: '/admin/users' },
  'GET /admin/:page/:item':            { line: [401, 303, 403, 200], path: '/admin/users/nobody' },
  'GET /portal/':                      { line: [401, 303, 303, 303] },
  'GET /portal/apps':                  { line: [401, 303, 303, 303] },
  'GET /portal/help':                  { line: [401, 303, 303, 303] },
  'GET /portal/settings':              { line: [401, 303, 303, 303] },
  'GET /portal/settings/:page':        { line: [401, 303, 303, 303], path: '/portal/settings/profile' },
  'GET /portal/admin':                 { line: [401, 303, 403, 303] },
  'GET /portal/admin/:page':           { line: [401, 303, 403, 303], path: '/portal/admin/users' },
  'GET /portal/admin/:page/:item':     { line: [401, 303, 403, 303], path: '/portal/admin/users/nobody' },
  'GET /portal/logged-in':              { line: [401, 303, 200, 200] },
  'GET /auth/pending':                 { line: [401, 303, 303, 303] },
  'GET /account':                      { line: [401, 303, 200, 200] },
  'GET /auth/connect':                 { line: [401, 303, 200, 200] },
  'POST /account/extend':              { line: [401, '–', 303, 303] },
  'POST /account/sessions/:ref/revoke': { line: [401, '–', 404, 404], path: `/account/sessions/${NOBODYS}/revoke` },
  'POST /auth/connect/:provider':      { line: [401, '–', 303, 303], path: '/auth/connect/sso' },
  'POST /auth/disconnect/:provider':   { line: [401, '–', 303, 303], path: '/auth/disconnect/sso' },

  'GET /api/v1/portal':                { line: [401, 401, 200, 200] },
  'GET /api/v1/apps':                  { line: [401, 401, 200, 200] },
  'GET /api/v1/accounts':              { line: [401, 401, 200, 200] },
  'GET /api/v1/preferences':           { line: [401, 401, 200, 200] },
  'PUT /api/v1/preferences':           { line: [401, '–', 400, 400] },
  'GET /api/v1/me':                    { line: [401, 401, 200, 200] },
  'GET /api/v1/hubs':                  { line: [401, 401, 200, 200] },
  'GET /api/v1/sessions':              { line: [401, 401, 200, 200] },
  'GET /api/v1/sessions/current':      { line: [401, 401, 200, 200] },
  'POST /api/v1/sessions/current/extend': { line: [401, '–', 200, 200] },
  'DELETE /api/v1/sessions/:ref':      { line: [401, '–', 404, 404], path: `/api/v1/sessions/${NOBODYS}` },
  'GET /api/v1/admin/users':           { line: [401, 401, 403, 200] },
  'GET /api/v1/admin/overview':        { line: [401, 401, 403, 200] },
  'GET /api/v1/admin/upstreams':       { line: [401, 401, 403, 200] },
  'GET /api/v1/admin/users/:id':       { line: [401, 401, 403, 404], path: '/api/v1/admin/users/nobody' },
  'POST /api/v1/admin/users/:id/approve': { line: [401, '–', 403, 404], path: '/api/v1/admin/users/nobody/approve' },
  'POST /api/v1/admin/users/:id/refuse': { line: [401, '–', 403, 404], path: '/api/v1/admin/users/nobody/refuse' },
  'PUT /api/v1/admin/users/:id/roles': { line: [401, '–', 403, 400], path: '/api/v1/admin/users/nobody/roles' },
  'GET /api/v1/admin/groups':          { line: [401, 401, 403, 200] },
  'POST /api/v1/admin/groups':         { line: [401, '–', 403, 400] },
  'GET /api/v1/admin/groups/:name':    { line: [401, 401, 403, 404], path: '/api/v1/admin/groups/ghosts' },
  'DELETE /api/v1/admin/groups/:name': { line: [401, '–', 403, 404], path: '/api/v1/admin/groups/ghosts' },
  'PUT /api/v1/admin/groups/:name/members/:userId': { line: [401, '–', 403, 404], path: '/api/v1/admin/groups/ghosts/members/nobody' },
  'DELETE /api/v1/admin/groups/:name/members/:userId': { line: [401, '–', 403, 404], path: '/api/v1/admin/groups/ghosts/members/nobody' },
  'POST /api/v1/admin/explain':         { line: [401, '–', 403, 400] },
  'GET /api/v1/admin/audit':           { line: [401, 401, 403, 200] },
  'GET /api/v1/admin/mails':           { line: [401, 401, 403, 200] },
  'POST /api/v1/admin/users/:id/disable': { line: [401, '–', 403, 404], path: '/api/v1/admin/users/nobody/disable' },
  'POST /api/v1/admin/users/:id/enable': { line: [401, '–', 403, 404], path: '/api/v1/admin/users/nobody/enable' },
  'POST /api/v1/admin/users/:id/end-sessions': { line: [401, '–', 403, 404], path: '/api/v1/admin/users/nobody/end-sessions' },
  'GET /api/v1/admin/sessions':        { line: [401, 401, 403, 200] },
  'DELETE /api/v1/admin/sessions/:ref': { line: [401, '–', 403, 404], path: `/api/v1/admin/sessions/${NOBODYS}` },

  'GET /api/v1/tokens':                { line: [401, 401, 200, 200] },
  'GET /api/v1/tokens/ended':          { line: [401, 401, 200, 200] },
  'GET /api/v1/tokens/scopes':         { line: [401, 401, 200, 200] },
  'POST /api/v1/tokens':               { line: [401, '–', 400, 400] },
  'GET /api/v1/tokens/:id/history':    { line: [401, 401, 404, 404], path: '/api/v1/tokens/nobodys/history' },
  'DELETE /api/v1/tokens/:id':         { line: [401, '–', 404, 404], path: '/api/v1/tokens/nobodys' },
  'GET /api/v1/admin/users/:id/tokens/ended': { line: [401, 401, 403, 404], path: '/api/v1/admin/users/nobody/tokens/ended' },
  'GET /api/v1/admin/users/:id/tokens': { line: [401, 401, 403, 404], path: '/api/v1/admin/users/nobody/tokens' },
  'GET /api/v1/admin/tokens/:id/history': { line: [401, 401, 403, 404], path: '/api/v1/admin/tokens/nobodys/history' },
  'DELETE /api/v1/admin/tokens/:id':   { line: [401, '–', 403, 404], path: '/api/v1/admin/tokens/nobodys' },
  'GET /api/v1/admin/service-accounts': { line: [401, 401, 403, 200] },
  'PUT /api/v1/admin/service-accounts/:name': { line: [401, '–', 403, 400], path: '/api/v1/admin/service-accounts/No' },
  'POST /api/v1/admin/service-accounts/:name/rotate': { line: [401, '–', 403, 404], path: '/api/v1/admin/service-accounts/none/rotate' },
  'POST /api/v1/admin/service-accounts/:name/disable': { line: [401, '–', 403, 404], path: '/api/v1/admin/service-accounts/none/disable' },
  'POST /api/v1/admin/service-accounts/:name/enable': { line: [401, '–', 403, 404], path: '/api/v1/admin/service-accounts/none/enable' },
  'DELETE /api/v1/admin/service-accounts/:name/keys/:id': { line: [401, '–', 403, 404], path: '/api/v1/admin/service-accounts/none/keys/nobodys' },

  'GET /healthz':                      { line: [200, 200, 200, 200] },
  'GET /readyz':                       { line: [200, 200, 200, 200] },
  'GET /docs':                         { line: [200, 200, 200, 200] },
  'GET /docs/errors':                  { line: [200, 200, 200, 200] },
  'GET /api/v1/openapi.json':          { line: [200, 200, 200, 200] },
  'GET /auth/jwks.json':               { line: [200, 200, 200, 200] },
  'GET /auth/logged-out':              { line: [200, 200, 200, 200] },
  'GET /auth/assets/:name':            { line: [404, 404, 404, 404], path: '/auth/assets/none.css' },
  'GET /auth/return':                  { line: [303, 303, 303, 303] },
  'GET /auth/login':                   { line: [200, 200, 303, 303] },
  'POST /auth/look':                   { line: [303, '–', 303, 303] },
  'POST /auth/login/:provider':        { line: [400, '–', 400, 400], path: '/auth/login/local' },
  'GET /auth/callback/:provider':      { line: [401, 401, 303, 303], path: '/auth/callback/sso?state=x&code=y' },
  'POST /auth/callback/:provider':     { line: [404, '–', 404, 404], path: '/auth/callback/sso' },
  'GET /auth/saml/:provider/metadata': { line: [404, 404, 404, 404], path: '/auth/saml/sso/metadata' },
  'POST /auth/backchannel/:provider':  { line: [400, '–', 400, 400], path: '/auth/backchannel/sso' },
  // The last one, because it ends the sessions.
  'POST /auth/logout':                 { line: [303, '–', 303, 303] },
}

/** Mallory is logged in and in no group. For GET, for POST, and for a WebSocket. */
type Cells = Readonly<Record<'stranger' | 'mallory' | 'ada' | 'grace', number>>

// biome-ignore format: a table
const upstreams: readonly { readonly id: string; readonly policy: object; readonly GET: Cells; readonly POST: Cells; readonly SOCKET: Cells }[] = [
  { id: 'public',  policy: { allow: ['public'] },
    GET:    { stranger: 200, mallory: 200, ada: 200, grace: 200 },
    POST:   { stranger: 200, mallory: 200, ada: 200, grace: 200 },
    SOCKET: { stranger: 101, mallory: 101, ada: 101, grace: 101 } },
  { id: 'anyone',  policy: { allow: ['authenticated'] },
    GET:    { stranger: 401, mallory: 200, ada: 200, grace: 200 },
    POST:   { stranger: 401, mallory: 200, ada: 200, grace: 200 },
    SOCKET: { stranger: 401, mallory: 101, ada: 101, grace: 101 } },
  { id: 'lab',     policy: { allow: ['group:lab'] },
    GET:    { stranger: 401, mallory: 403, ada: 200, grace: 200 },
    POST:   { stranger: 401, mallory: 403, ada: 200, grace: 200 },
    SOCKET: { stranger: 401, mallory: 403, ada: 101, grace: 101 } },
  { id: 'ada',     policy: { allow: ['user:local/ada'] },
    GET:    { stranger: 401, mallory: 403, ada: 200, grace: 403 },
    POST:   { stranger: 401, mallory: 403, ada: 200, grace: 403 },
    SOCKET: { stranger: 401, mallory: 403, ada: 101, grace: 403 } },
  { id: 'reading', policy: { rules: [{ methods: ['GET'], allow: ['authenticated'] }, { allow: ['group:admins'] }] },
    GET:    { stranger: 401, mallory: 200, ada: 200, grace: 200 },
    POST:   { stranger: 401, mallory: 403, ada: 403, grace: 200 },
    SOCKET: { stranger: 401, mallory: 101, ada: 101, grace: 101 } },
  { id: 'inside',  policy: { rules: [{ paths: ['/open/**'], allow: ['public'] }, { paths: ['/probe'], allow: ['group:admins'] }] },
    GET:    { stranger: 401, mallory: 403, ada: 403, grace: 200 },
    POST:   { stranger: 401, mallory: 403, ada: 403, grace: 200 },
    SOCKET: { stranger: 401, mallory: 403, ada: 403, grace: 101 } },
  { id: 'elsewhere', policy: { rules: [{ paths: ['/other'], allow: ['public'] }] },
    GET:    { stranger: 401, mallory: 403, ada: 403, grace: 403 },
    POST:   { stranger: 401, mallory: 403, ada: 403, grace: 403 },
    SOCKET: { stranger: 401, mallory: 403, ada: 403, grace: 403 } },
  { id: 'guarded', policy: { rules: [{ paths: ['/admin/**'], allow: ['group:admins'] }, { allow: ['public'] }] },
    GET:    { stranger: 200, mallory: 200, ada: 200, grace: 200 },
    POST:   { stranger: 200, mallory: 200, ada: 200, grace: 200 },
    SOCKET: { stranger: 101, mallory: 101, ada: 101, grace: 101 } },
  { id: 'unnamed', policy: {},
    GET:    { stranger: 401, mallory: 403, ada: 403, grace: 403 },
    POST:   { stranger: 401, mallory: 403, ada: 403, grace: 403 },
    SOCKET: { stranger: 401, mallory: 403, ada: 403, grace: 403 } },
  { id: 'empty',   policy: { allow: [] },
    GET:    { stranger: 401, mallory: 403, ada: 403, grace: 403 },
    POST:   { stranger: 401, mallory: 403, ada: 403, grace: 403 },
    SOCKET: { stranger: 401, mallory: 403, ada: 403, grace: 403 } },
]

let echo: EchoUpstream
let lab: OidcLab
let all: Pick<Gateway, 'routes' | 'mounts'>
let people: Readonly<Record<keyof Cells, TestClient>>

before(async () => {
  echo = await startEchoUpstream()
  lab = await startOidcLab({
    config: {
      access: { admins: ['group:admins'], signUp: { approval: 'required', providers: ['sso'] } },
      upstreams: upstreams.map(({ id, policy }) => ({ id, path: `/api/${id}/`, to: echo.url, ...policy })),
    },
  })
  all = listRoutes(lab.gateway)
  const [mallory, ada, grace] = await Promise.all([logIn('mallory'), logIn('ada'), logIn('grace')])
  people = { stranger: lab.stranger(), mallory, ada, grace }
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await echo.close()
})

test('every route is in the table, and every line of the table is a route', () => {
  const present = all.routes.map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(present.toSorted(), Object.keys(routes).toSorted())
  const { paths } = openApi as { paths: Record<string, Record<string, unknown>> }
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  )
  for (const route of documented) assert.ok(route in routes, `${route} of openapi.json is in the table`)
})

/** What somebody may use whose account nobody has approved yet, beside what is for everybody. */
const WHILE_PENDING = ['GET /api/v1/me', 'GET /api/v1/portal', 'GET /auth/pending']

test('who waits for approval gets nowhere but to what says so', async () => {
  const waiting = await lab.logIn('mallory')
  for (const { method, path: pattern, access } of all.routes) {
    if (access === 'public') continue
    const name = `${method} ${pattern}`
    const path = routes[name]?.path ?? pattern
    const answer = await waiting.send(path, { method, headers: { origin: lab.url } })
    assert.equal(answer.status, WHILE_PENDING.includes(name) ? 200 : 403, name)
    if (answer.status === 403) assert.match(answer.text, /access\.pending/, name)
  }
  for (const { id, GET } of upstreams) {
    assert.equal((await waiting.get(`/api/${id}/probe`)).status, GET.stranger === 200 ? 200 : 403, id)
  }
})

test('every upstream is in the table', () => {
  assert.deepEqual(
    all.mounts.map(({ id }) => id),
    [...upstreams.map(({ id }) => id), 'verify', 'portal-assets'],
  )
})

test('who asks in the name of a proxy, and is none, learns nothing', async () => {
  const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-host': `127.0.0.1:${lab.port}`, 'x-forwarded-uri': '/' }
  for (const client of Object.values(people)) {
    for (const path of ['/auth/verify', '/auth/verify?groups=lab', '/auth/verify/for/']) {
      const answer = await client.get(path, asked)
      assert.deepEqual([answer.status, (answer.json() as { code: string }).code], [403, 'verify.untrustedProxy'])
    }
  }
})

test('no route does for a stranger what it does for nobody else, or says how it is decided', () => {
  for (const { method, path, routeClass, access } of all.routes) {
    const [stranger] = routes[`${method} ${path}`]?.line ?? []
    if (access === 'public') assert.ok(['public', 'auth', 'callback'].includes(routeClass), `${path} is ${routeClass}`)
    else assert.deepEqual([stranger, ['page', 'api'].includes(routeClass)], [401, true], path)
  }
})

test('what is refused is told to programs as problem+json with a challenge, to people as a page', async () => {
  const refused = await lab.stranger().get('/api/v1/me')
  assert.match(String(refused.headers['content-type']), /^application\/problem\+json/)
  assert.match(String(refused.headers['www-authenticate']), /^Cookie /)
  const page = await people.ada.get('/api/unnamed/probe', { accept: 'text/html' })
  assert.deepEqual([page.status, page.headers['content-type']], [403, 'text/html; charset=utf-8'])
})

for (const { id, GET, POST, SOCKET } of upstreams) {
  test(`upstream ${id}`, async () => {
    for (const who of ['stranger', 'mallory', 'ada', 'grace'] as const) {
      const client = people[who]
      const path = `/api/${id}/probe?as=${who}`
      assert.equal((await client.get(path)).status, GET[who], `GET as ${who}`)
      assert.equal((await client.post(path)).status, POST[who], `POST as ${who}`)
      assert.equal(await openSocket(client, path), SOCKET[who], `WebSocket as ${who}`)
    }
    const page = await lab.stranger().get(`/api/${id}/probe`, { accept: 'text/html' })
    assert.equal(page.status, GET.stranger === 401 ? 303 : 200, 'a browser without a session')
  })
}

/** Nothing answers here, whoever asks. Without its last slash, the name of an upstream leads to the upstream. */
// biome-ignore format: a table
const nowhere: readonly (readonly [method: string, path: string, status: number])[] = [
  ['GET', '/no-such-page', 404],
  ['GET', '/api/v1', 404],
  ['GET', '/api/v1/', 404],
  ['GET', '/api/v1/me/', 404],
  ['GET', '/api/v1/ME', 404],
  ['GET', '/API/v1/me', 404],
  ['GET', '/api/v1/me;x', 404],
  ['GET', '/api/v1/me%2Fx', 404],
  ['GET', '/api/v1/me/x.css', 404],
  ['GET', '/api/v1/sessions/', 404],
  ['GET', '/api/v1//me', 404],
  ['GET', '/api/unnamed', 302],
  ['GET', '/auth', 404],
  ['GET', '/metrics', 404],
  ['GET', '/.git/config', 404],
  ['GET', '/debug', 404],
  ['PUT', '/api/v1/me', 405],
  ['DELETE', '/api/v1/me', 405],
  ['POST', '/account', 405],
  ['GET', '/account/extend', 405],
  ['GET', '/auth/logout', 405],
  ['GET', '/api/v1/admin/users/x/disable', 405],
  ['TRACE', '/', 405],
  ['TRACE', '/api/public/x', 405],
]

test('what is not there is refused in the same way to everybody', async () => {
  for (const [method, path, status] of nowhere) {
    for (const client of [people.stranger, people.grace]) {
      const answer = await client.send(path, { method, headers: { origin: lab.url } })
      assert.equal(answer.status, status, `${method} ${path}`)
    }
  }
})

/** P2, H3, H4: none of these is a way round the decision. */
// biome-ignore format: a table
const tricks: readonly (readonly [path: string, headers: Readonly<Record<string, string>>, status: number])[] = [
  ['/api/inside/probe?x=/open/', {}, 401],
  ['/api/inside/probe%23/open/x', {}, 401],
  ['/api/inside/probe;/open/x', {}, 401],
  ['/api/inside/open/../probe', {}, 400],
  ['/api/inside/open/%2e%2e/probe', {}, 400],
  ['/api/inside/open/..%2fprobe', {}, 400],
  ['/api/inside/open/..;/probe', {}, 400],
  ['/api/inside/open\\..\\probe', {}, 400],
  ['/api/guarded/admin/x', {}, 401],
  ['/api/guarded//admin/x', {}, 401],
  ['/api/guarded/admin//x', {}, 401],
  ['/api/guarded/admin;v=1/x', {}, 401],
  ['/api/guarded/admin%3Bv=1/x', {}, 401],
  ['/api/guarded/admin%2Fx', {}, 401],
  ['/api/guarded/%61dmin/x', {}, 400],
  ['/healthz/../api/lab/probe', {}, 400],
  ['/api/public/../lab/probe', {}, 400],
  ['/api/public/..%2flab/probe', {}, 400],
  ['/api/lab/probe', { 'user-agent': 'GoogleHC/1.0' }, 401],
  ['/api/lab/probe', { 'user-agent': 'kube-probe/1.30' }, 401],
  ['/api/lab/probe', { 'x-original-url': '/healthz' }, 401],
  ['/api/lab/probe', { 'x-forwarded-uri': '/api/public/x' }, 401],
  ['/api/lab/probe', { 'x-http-method-override': 'OPTIONS' }, 401],
  ['/api/lab/probe', { 'remote-user': 'ada' }, 401],
  ['/api/lab/probe', { 'x-forwarded-user': 'ada' }, 401],
  ['/api/lab/probe', { 'x-forwarded-for': '127.0.0.1' }, 401],
  ['/api/lab/probe', { authorization: 'Bearer x' }, 401],
  ['/api/lab/probe', { authorization: 'Basic YWRhOmFkYQ==' }, 401],
  ['/api/lab/probe?token=x', {}, 401],
  ['/api/lab/probe', { cookie: '__Host-gatehouse=' }, 401],
  ['/api/lab/probe', { cookie: `__Host-gatehouse=${'A'.repeat(22)}.${'A'.repeat(43)}` }, 401],
]

test('no spelling and no header is a way round the decision', async () => {
  for (const [path, headers, status] of tricks) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nConnection: close\r\n${lines.join('')}\r\n`
    assert.equal((await sendRaw(lab.port, request)).status, status, `${path} ${JSON.stringify(headers)}`)
  }
})

for (const [name, { line, path, form }] of Object.entries(routes)) {
  const [method = '', pattern = ''] = name.split(' ')
  const [stranger, visitor, ada, grace] = line

  test(name, async () => {
    const send = (client: TestClient, headers = {}): Promise<TestAnswer> =>
      method === 'GET'
        ? client.get(path ?? pattern, headers)
        : method === 'POST'
          ? client.post(path ?? pattern, form, headers)
          : client.send(path ?? pattern, { method, headers: { origin: lab.url } })

    if (method !== 'GET') {
      // Another site's page with ada's cookie: refused before anything else is looked at. What other sites are meant to
      // send proves itself by its own content, and the cookie counts for nothing.
      const crossed = await people.ada.send(path ?? pattern, { method, headers: { origin: 'https://evil.test' } })
      const isCallback = all.routes.some((route) => route.path === pattern && route.routeClass === 'callback')
      assert.equal(crossed.status, isCallback ? stranger : 403, 'with an Origin of another site')
      assert.equal((await people.ada.get('/api/v1/me')).status, 200, 'and nothing has changed')
    }
    assert.equal((await send(lab.stranger())).status, stranger, 'a program without a session')
    if (visitor !== '–') {
      const page = await send(lab.stranger(), { accept: 'text/html', 'sec-fetch-mode': 'navigate' })
      assert.equal(page.status, visitor, 'a browser without a session')
      if (visitor === 303 && stranger === 401) assert.match(String(page.headers.location), /^\/auth\/login\?returnTo=/)
      const head = await lab.stranger().send(path ?? pattern, { method: 'HEAD' })
      assert.equal(head.status, stranger, 'HEAD is decided like GET')
    }
    assert.equal((await send(people.ada)).status, ada, 'ada')
    assert.equal((await send(people.grace)).status, grace, 'grace')
  })
}

async function logIn(who: 'mallory' | 'ada' | 'grace'): Promise<TestClient> {
  const client = lab.stranger()
  const answer = await client.post('/auth/login/local', await lab.account(who))
  assert.equal(answer.status, 303)
  return client
}

async function openSocket(client: TestClient, path: string): Promise<number> {
  const cookie = client.cookieHeader()
  return askForSocket(lab.url, path, cookie === '' ? {} : { Cookie: cookie })
}
