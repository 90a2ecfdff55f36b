// What comes back from hosts of their own: nothing that a service there says reaches past its host, and what the gateway
// says itself gives nothing of the portal away.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type HostLab, hostNames, startHostLab, type Visit } from './host-lab.ts'

let service: RecordingUpstream
let lab: HostLab
/** Header lines that the service answers with. */
let said = ''

before(async () => {
  service = await startRecordingUpstream(() => ok('ok', said))
  const at = { to: `${service.url}/base/`, allow: ['public'], title: 'Notes' }
  lab = await startHostLab({
    basePath: '/x',
    upstreams: [
      { ...at, path: '/', host: hostNames.notes, trust: 'none' },
      { ...at, path: '/plots/', host: hostNames.plots },
      { ...at, path: '/', host: hostNames.far, allow: [] },
      { ...at, path: '/up/' },
    ],
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await service.close()
})

const answerTo = async (lines: readonly string[], url = `${lab.origins.notes}/`): Promise<Visit> => {
  said = lines.map((line) => `${line}\r\n`).join('')
  return lab.visitor().send(url)
}

test('cookies of a service are its host’s alone, however their Domain is spelled', async () => {
  const lines: readonly (readonly [said: string, kept: string])[] = [
    ['a=1; Domain=lab.localhost; Path=/', 'a=1; Path=/'],
    ['a=1;domain=.lab.localhost;Secure', 'a=1;Secure'],
    ['a=1; DOMAIN =lab.localhost; HttpOnly', 'a=1; HttpOnly'],
    ['a=1;\tDomain\t=\tlab.localhost; Domain=notes.lab.localhost', 'a=1'],
    ['a=1; "Domain"=lab.localhost; Max-Age=5', 'a=1; Max-Age=5'],
    ['a=1; Domain', 'a=1'],
    ['domain=lab.localhost; Path=/', 'domain=lab.localhost; Path=/'],
    ['a=Domain=x; SubDomain=kept; Domains=kept', 'a=Domain=x; SubDomain=kept; Domains=kept'],
  ]
  const { headers } = await answerTo(lines.map(([line]) => `Set-Cookie: ${line}`))
  assert.deepEqual(
    headers['set-cookie'],
    lines.map(([, kept]) => kept),
  )
  const atPortal = await answerTo(['Set-Cookie: a=1; Domain=lab.localhost'], `${lab.origins.gate}/x/up/`)
  assert.equal(atPortal.headers['set-cookie'], 'a=1; Domain=lab.localhost', 'what is trusted like the portal may')
})

test('no service sets a cookie of ours', async () => {
  const names = [
    '__Host-gatehouse-host',
    '__Host-gatehouse-arrival',
    '__Host-gatehouse',
    '__host-Gatehouse-host',
    'gatehouse',
    '=__Host-gatehouse',
  ]
  const { headers } = await answerTo([
    'Set-Cookie: mine=1',
    ...names.map((name) => `Set-Cookie: ${name}=stolen; Path=/; Secure`),
  ])
  assert.equal(headers['set-cookie'], 'mine=1')
})

test('no service speaks for its domain to the browser', async () => {
  const dropped = {
    'clear-site-data': '"cookies", "storage"',
    'strict-transport-security': 'max-age=0; includeSubDomains',
    'access-control-allow-origin': lab.origins.gate,
    'access-control-allow-credentials': 'true',
    'report-to': '{}',
    nel: '{}',
  }
  const { headers } = await answerTo(Object.entries(dropped).map((pair) => pair.join(': ')))
  for (const name of Object.keys(dropped)) assert.equal(headers[name], undefined, name)
})

test('a service worker is confined to its path, and a redirect stays on the host', async () => {
  const { notes, plots } = lab.origins
  const worker = ['Service-Worker-Allowed: /', `Location: ${service.url}/base/next?a=1`]
  assert.deepEqual(placeIn(await answerTo(worker, `${plots}/plots/sw.js`)), ['/plots/', '/plots/next?a=1'])
  assert.deepEqual(placeIn(await answerTo(worker, `${notes}/sw.js`)), ['/', '/next?a=1'])
  const away = await answerTo(['Location: //evil.test/'], `${notes}/`)
  assert.equal(away.headers.location, '//evil.test/', 'elsewhere is left as the service says it')
})

const placeIn = ({ headers }: Visit) => [headers['service-worker-allowed'], headers.location]

test('an error there is a page that asks for nothing, links home and to what it means, and may be framed by nobody', async () => {
  const page = await lab.visitor().open(`${lab.origins.plots}/nothing/here`)
  assert.equal(page.status, 404)
  assert.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  assert.deepEqual(
    [page.headers['x-content-type-options'], page.headers['cache-control'], page.headers['referrer-policy']],
    ['nosniff', 'no-store', 'same-origin'],
  )
  const linked = [...page.text.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, to]) => to)
  assert.deepEqual(linked, [`${lab.origins.gate}/x/`, `${lab.origins.gate}/x/docs/errors#http.notFound`])
  assert.doesNotMatch(page.text, /<(?:script|link|style|form|img)\b/)
})

test('a program gets the same as JSON, with the explanation at the portal', async () => {
  const answer = await lab.visitor().send(`${lab.origins.far}/data`)
  assert.equal(answer.status, 401)
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  const { type, code } = JSON.parse(answer.text) as Record<string, string>
  assert.deepEqual([type, code], [`${lab.origins.gate}/x/docs/errors#access.loginRequired`, 'access.loginRequired'])
})

test('the home page links to services where they are, and shows whom it refuses', async () => {
  const visitor = lab.visitor()
  await visitor.logIn(`${lab.origins.gate}/x`, await lab.account('ada'))
  const { text } = await visitor.open(`${lab.origins.gate}/x/`)
  const linked = [...text.matchAll(/<h2><a href="([^"]*)"/g)].map(([, to]) => to)
  assert.deepEqual(linked, [`${lab.origins.notes}/`, `${lab.origins.plots}/plots/`, '/x/up/'])
  assert.match(text, /Not open to you/)
})

test('HTTPS is asked of the host, and of nothing below its name', async () => {
  await using secure = await startHostLab({
    config: { server: { url: 'https://gate.example.org', hosts: ['https://notes.example.org'] } },
    upstreams: [{ path: '/', host: 'notes.example.org', to: service.url, allow: ['authenticated'] }],
  })
  const ask = (host: string) => secure.visitor().send(`http://127.0.0.1:${secure.port}/`, { headers: { host } })
  const there = await ask('notes.example.org')
  assert.deepEqual([there.status, there.headers['strict-transport-security']], [401, 'max-age=31536000'])
  assert.equal((await ask('notes.example.org:443')).status, 401, 'the scheme’s own port may be spelled out')
  assert.equal((await ask('notes.example.org:80')).status, 421)
})
