import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal, parseTarget } from '#http'
import { profiles } from '../profile.ts'
import { createRouteMatcher, type RouteMatch } from './match-route.ts'
import { funcRows, pipelineRows } from './route-table.ts'

const early = createRouteMatcher(funcRows(profiles['26.2']))
const later = createRouteMatcher(funcRows(profiles['26.4']))
const latest = createRouteMatcher(funcRows(profiles['26.8']))
const pipeline = createRouteMatcher(pipelineRows)

const shown = <T>(match: RouteMatch<T>) =>
  match.kind === 'found' ? match.treatment : match.kind === 'methodNotAllowed' ? match.allow : match.kind

const rows = {
  plugin: `
    HEAD folders/_/tus/upload/x
    PATCH folders/_/tus/upload/x?token=1
    OPTIONS folders/_/tus/upload/
    GET cloud/a, POST cloud/a/b, GET custom-auth/x, POST custom-auth/, GET openid/login, POST openid/login
    POST saml/login
    POST totp/anon, POST totp/anon/activate`,
  signup: 'POST auth/signup',
  ping: 'GET ping',
  anonymous: 'GET ',
  webSocket: 'GET stream/, GET stream/session/x/pty, GET stream/session/a/b/apps, GET stream/kernel/_/events/x',
  graphql: 'GET admin/gql, POST admin/gql',
  signed: `
    POST auth/signout, GET stream/kernel/_/events, GET stream/session/x/apps
    GET folders, POST folders/_/tus/upload/x, GET folders/_/tus/upload/x, PUT cloud/x, GET saml/login, GET totp/anon
    POST totp/verify, POST totp, POST totp/anonymous, GET auth/signup, POST auth/signup/, POST auth/signup/x
    POST stream/x, HEAD ping, POST ping, POST , HEAD , DELETE admin/gql, POST admin/graphql, POST admin/gql/
    GET cloud, POST Saml/login, POST /folders, GET folders/a%2Fb, GET folders/%ED%95%9C%20x, PUT a;b=c
    GET v2/a/public/b`,
}

const listed = (text: string) =>
  text
    .split(/[,\n]/)
    .map((each) => each.replace(/^ +/, '').replace(/\?.*/, ''))
    .filter((each) => each !== '')
    .map((each) => each.split(' ', 2) as [string, string])

for (const [treatment, requests] of Object.entries(rows)) {
  test(`what is ${treatment} from profile 26.4 on`, () => {
    for (const [method, path] of listed(requests))
      assert.equal(shown(later(method, path)), treatment, `${method} ${path}`)
  })
}

test('what differs between the profiles', () => {
  for (const path of ['totp/anon', 'totp/verify', 'totp/'])
    assert.equal(shown(early('POST', path)), 'signedIfKnown', path)
  assert.equal(shown(early('POST', 'totp')), 'signed')
  assert.equal(shown(early('GET', 'totp/verify')), 'signed')
  for (const method of ['HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE']) {
    assert.equal(shown(latest(method, 'v2/a/public/b')), 'anonymous')
    for (const path of ['v2/a/public/b/c', 'v2/a/public/', 'v2//public/b', 'v2/a/b/public/c', 'v2/a/Public/b'])
      assert.notEqual(shown(latest(method, path)), 'anonymous', path)
    assert.equal(shown(early(method, 'v2/a/public/b')), 'signed')
  }
})

test('a method without a row is told all that have one, in order', () => {
  assert.equal(shown(later('PROPFIND', 'folders')), 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT')
  assert.equal(shown(later('OPTIONS', 'folders')), 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT')
  assert.equal(shown(pipeline('HEAD', 'x')), 'DELETE,GET,OPTIONS,PATCH,POST,PUT')
})

test('what is under /pipeline/', () => {
  assert.equal(shown(pipeline('GET', 'stream/x')), 'webSocket')
  for (const path of ['login/', 'api/login/', 'xlogin/']) assert.equal(shown(pipeline('POST', path)), 'signed')
  for (const path of ['login', 'login/x', 'Login/']) assert.equal(shown(pipeline('POST', path)), 'anonymous')
  assert.equal(shown(pipeline('GET', 'login/')), 'anonymous')
  assert.equal(shown(pipeline('POST', 'stream/x')), 'anonymous')
  for (const path of ['api%2Flogin/', 'login//'])
    assert.equal(shown(pipeline('POST', path)), path === 'login//' ? 'ambiguous' : 'signed')
  assert.equal(shown(pipeline('POST', 'login%2F')), 'ambiguous')
})

const ambiguous = [
  'POST saml%2Flogin',
  'POST %2Fsaml/login',
  'POST /saml/login',
  'POST //auth/signup',
  'POST auth//signup',
  'POST auth%2Fsignup',
  'POST auth%2fsignup',
  'POST %61uth/signup',
  'POST aut%68%2Fsignup',
  'POST admin%2Fgql',
  'GET stream//kernel/_/events',
  'GET stream%2Fx',
  'GET /',
  'GET %2F',
  'GET %70ing',
]

test('what others would read as something that is treated otherwise has no row', () => {
  for (const request of ambiguous) {
    const [method = '', path = ''] = request.split(' ')
    assert.equal(shown(later(method, path)), 'ambiguous', request)
  }
})

/** §1.1, written once more and by other means: whole words, no patterns. */
function needsProof(method: string, path: string, profile: '26.4' | '26.8'): boolean {
  const [first = '', second = '', third = '', fourth = ''] = path.split('/')
  const hasMore = path.includes('/')
  if (path.startsWith('folders/_/tus/upload/')) return !['HEAD', 'PATCH', 'OPTIONS'].includes(method)
  if (['cloud', 'custom-auth', 'openid'].includes(first) && hasMore) return !['GET', 'POST'].includes(method)
  if (first === 'saml' && hasMore) return method !== 'POST'
  if (first === 'totp' && second === 'anon') return method !== 'POST'
  if (path === 'auth/signup') return method !== 'POST'
  if (path === '' || path === 'ping') return method !== 'GET'
  const isPublic =
    first === 'v2' && second !== '' && third === 'public' && fourth !== '' && path.split('/').length === 4
  return !(isPublic && profile === '26.8')
}

const UNPROVEN: ReadonlySet<string> = new Set(['plugin', 'signup', 'anonymous', 'ping'])

/** Paths of all rows, with a proof and without. */
const PLAIN = `
  folders/_/tus/upload/x cloud/a custom-auth/a openid/a saml/a/b totp/anon totp/anon/x totp/verify auth/signup auth/signout
  stream/x admin/gql v2/a/public/b v2/a/private/b v2/public/b folders ping`
  .trim()
  .split(/\s+/)

/** What is put in somewhere, or takes the place of what stands there: some server would take it for nothing, or for something else. */
const RESPELLINGS =
  '/ // %2F %2f %252F /. /./ /.. /../ /x/../ /%2e%2e/ %5C \\ ; ;x ;/ %3B %20 %00 x %61 %41 A ~ %7E %25 : @ ? # %EF%BC%8F'.split(
    ' ',
  )

/** A path of a row, respelled here and there. */
const hostilePath = fc
  .tuple(
    fc.constantFrom('', ...PLAIN),
    fc.array(fc.tuple(fc.nat(30), fc.nat(2), fc.constantFrom(...RESPELLINGS)), { minLength: 1, maxLength: 3 }),
  )
  .map(([path, changes]) =>
    changes.reduce((text, [at, instead, put]) => text.slice(0, at) + put + text.slice(at + instead), path),
  )

/** Whatever a server may take a path for: decoded once or twice, slashes joined, dots resolved. */
function readingsOf(path: string): readonly string[] {
  const decode = (text: string) =>
    text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  const joined = (text: string) => text.replace(/\/{2,}/g, '/').replace(/^\//, '')
  // What was decoded in a path stays in it: a question mark begins no query, and no space is trimmed.
  const resolved = (text: string) => new URL(`http://h/${text.replace(/[?# ]/g, encodeURIComponent)}`).pathname.slice(1)
  const decoded = [path, decode(path), decode(decode(path))]
  return [...new Set(decoded.flatMap((each) => [each, joined(each), resolved(each), joined(resolved(each))]))]
}

for (const [profile, match] of [
  ['26.4', later],
  ['26.8', latest],
] as const) {
  test(`nothing that needs a proof goes without one, however it is spelled: ${profile}`, () => {
    let unproven = 0
    const methods = ['HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']
    fc.assert(
      fc.property(hostilePath, fc.constantFrom(...methods), (path, method) => {
        const target = parseTarget(`/func/${path}`)
        // The front door refuses it: no mount is asked.
        if (isRefusal(target)) return
        const found = match(method, target.path.slice('/func/'.length))
        if (found.kind !== 'found' || !UNPROVEN.has(found.treatment)) return
        unproven++
        for (const reading of readingsOf(target.path.slice('/func/'.length)))
          assert.equal(needsProof(method, reading, profile), false, reading)
      }),
      { numRuns: 20_000 },
    )
    assert.ok(unproven > 100, `${unproven} of them were let through`)
  })

  test(`what is spelled plainly is found as §1.1 says: ${profile}`, () => {
    const words = 'folders _ tus upload cloud openid saml totp anon auth signup v2 public x'.split(' ')
    const plain = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 }).map((path) => path.join('/'))
    fc.assert(
      fc.property(plain, fc.constantFrom('HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE'), (path, method) => {
        assert.equal(UNPROVEN.has(shown(match(method, path))), !needsProof(method, path, profile))
      }),
      { numRuns: 5_000 },
    )
  })
}
