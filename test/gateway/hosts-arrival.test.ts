// How people come to a service on a host of its own: through the portal, which logs them in and asks the policy, and back
// with a ticket that is good once, soon, there, and in that browser only.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type HostLab, hostNames, startHostLab, type Visit, type Visitor } from './host-lab.ts'

const clock = createManualClock()
let service: RecordingUpstream
let lab: HostLab

before(async () => {
  service = await startRecordingUpstream()
  const at = { to: service.url, path: '/', sign: { type: 'identity-jwt' } }
  lab = await startHostLab({
    clock,
    upstreams: [
      { ...at, host: hostNames.notes, trust: 'none', allow: ['group:lab'] },
      { ...at, host: hostNames.plots, allow: ['authenticated'] },
      { ...at, host: hostNames.far, rules: [{ paths: ['/open/**'], allow: ['public'] }, { allow: ['group:admins'] }] },
    ],
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await service.close()
})

async function visitorAs(who: 'ada' | 'grace' | 'mallory'): Promise<Visitor> {
  const visitor = lab.visitor()
  assert.equal((await visitor.logIn(lab.origins.gate, await lab.account(who))).status, 303)
  return visitor
}

const locationOf = ({ headers, url }: Visit): URL => new URL(String(headers.location), url)

/** As far as the ticket, which is not used yet. */
async function toTicket(visitor: Visitor, url: string): Promise<URL> {
  const ticket = locationOf(await visitor.open(locationOf(await visitor.open(url)).href))
  assert.match(ticket.href, /\/auth\/arrive\?ticket=[\w-]{43}$/)
  return ticket
}

test('a stranger logs in at the portal on the way, and arrives where they were going', async () => {
  const { gate, notes } = lab.origins
  const visitor = lab.visitor()
  const away = await visitor.open(`${notes}/lab/a%2Fb?x=1&y=%20`)
  assert.equal(away.status, 303)
  const entry = locationOf(away)
  assert.deepEqual([entry.origin, entry.pathname], [gate, '/auth/host'])
  const form = await visitor.travel(entry.href)
  assert.equal(new URL(form.url).pathname, '/auth/login')
  const returnTo = new URL(form.url).searchParams.get('returnTo') ?? ''
  const login = await visitor.logIn(gate, await lab.account('ada'), returnTo)
  const there = await visitor.travel(locationOf(login).href)
  assert.deepEqual([there.status, there.url, there.text], [200, `${notes}/lab/a%2Fb?x=1&y=%20`, 'ok'])
  assert.equal(service.requests.at(-1)?.target, '/lab/a%2Fb?x=1&y=%20')
  assert.equal(there.way.length, 3, 'entry, arrival, service')

  assert.deepEqual([...visitor.cookies(notes).keys()].toSorted(), ['__Host-gatehouse-arrival', '__Host-gatehouse-host'])
  assert.ok(!visitor.cookies(gate).has('__Host-gatehouse-host'))
  assert.equal((await visitor.open(`${notes}/more`)).status, 200, 'from then on without the portal')
})

test('a service is told who it is by its signer alone, and sees no cookie of ours', async () => {
  const visitor = await visitorAs('ada')
  visitor.cookies(lab.origins.notes).set('own', 'kept')
  await visitor.travel(`${lab.origins.notes}/who`)
  const request = service.requests.at(-1) ?? assert.fail()
  assert.deepEqual(request.all('cookie'), ['own=kept'])
  assert.deepEqual(request.all('x-forwarded-host'), [new URL(lab.origins.notes).host])
  const [token = ''] = request.all('authorization')
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  assert.deepEqual(
    [claims.iss, claims.aud, claims.preferred_username],
    [lab.origins.gate, 'notes-lab-localhost', 'ada'],
  )
})

test('the cookies of a host are bound to it, out of reach of scripts and of other sites', async () => {
  const visitor = await visitorAs('ada')
  const away = await visitor.open(`${lab.origins.notes}/`)
  const arrival = await visitor.open((await toTicket(visitor, `${lab.origins.notes}/`)).href)
  const mark = /^__Host-gatehouse-arrival=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=600$/
  assert.match(String(away.headers['set-cookie']), mark)
  const session = /^__Host-gatehouse-host=[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/
  assert.match(String(arrival.headers['set-cookie']), session)
})

test('a ticket is good once', async () => {
  const visitor = await visitorAs('ada')
  const ticket = await toTicket(visitor, `${lab.origins.notes}/`)
  const answers = await Promise.all([visitor.open(ticket.href), visitor.open(ticket.href)])
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303, 403]))
  assert.equal((await visitor.open(ticket.href)).status, 403)
})

test('a ticket is good for 30 seconds', async () => {
  const visitor = await visitorAs('ada')
  const late = await toTicket(visitor, `${lab.origins.notes}/`)
  const early = await toTicket(visitor, `${lab.origins.notes}/`)
  clock.advance(29_999)
  assert.equal((await visitor.open(early.href)).status, 303)
  clock.advance(1)
  assert.equal((await visitor.open(late.href)).status, 403)
})

test('a ticket is good in the browser that was sent for it, and another cannot use it up', async () => {
  const mallory = await visitorAs('mallory')
  const ticket = await toTicket(mallory, `${lab.origins.plots}/`)
  const victim = lab.visitor()
  assert.equal((await victim.open(ticket.href)).status, 403, 'without a mark')
  await victim.open(`${lab.origins.plots}/`)
  assert.ok(victim.cookies(lab.origins.plots).has('__Host-gatehouse-arrival'))
  assert.equal((await victim.open(ticket.href)).status, 403, 'with a mark of its own')
  assert.ok(!victim.cookies(lab.origins.plots).has('__Host-gatehouse-host'))
  assert.equal((await mallory.open(ticket.href)).status, 303, 'it is still there for the right one')
})

test('a ticket is good for the host that it was made for', async () => {
  const visitor = await visitorAs('ada')
  const { notes, plots } = lab.origins
  const ticket = await toTicket(visitor, `${notes}/`)
  visitor.cookies(plots).set('__Host-gatehouse-arrival', visitor.cookies(notes).get('__Host-gatehouse-arrival') ?? '')
  assert.equal((await visitor.open(`${plots}/auth/arrive${ticket.search}`)).status, 403)
  assert.equal((await visitor.open(`${lab.origins.gate}/auth/arrive${ticket.search}`)).status, 404, 'nor the portal')
  assert.equal((await visitor.open(ticket.href)).status, 303)
})

test('a ticket of a session that has ended in between is refused', async () => {
  const visitor = await visitorAs('ada')
  const ticket = await toTicket(visitor, `${lab.origins.notes}/`)
  await visitor.send(`${lab.origins.gate}/auth/logout`, { method: 'POST', headers: { origin: lab.origins.gate } })
  assert.equal((await visitor.open(ticket.href)).status, 403)
  assert.ok(!visitor.cookies(lab.origins.notes).has('__Host-gatehouse-host'))
})

test('whom the policy refuses gets no ticket, but the reason, at the portal', async () => {
  const mallory = await visitorAs('mallory')
  const refused = await mallory.travel(`${lab.origins.notes}/`)
  assert.equal(refused.status, 403)
  assert.equal(new URL(refused.url).origin, lab.origins.gate)
  assert.match(refused.text, /needs the group lab/)
  const ada = await visitorAs('ada')
  assert.equal((await ada.travel(`${lab.origins.far}/private`)).status, 403, 'by the path that they go to')
  const grace = await visitorAs('grace')
  assert.equal((await grace.travel(`${lab.origins.far}/private`)).status, 200)
})

test('who is let in without a session is not sent anywhere', async () => {
  const visitor = lab.visitor()
  const open = await visitor.open(`${lab.origins.far}/open/x`)
  assert.deepEqual([open.status, open.headers['set-cookie']], [200, undefined])
  assert.deepEqual(service.requests.at(-1)?.all('authorization'), [])
})

test('programs, scripts, frames and forms are told 401 instead of being sent away', async () => {
  const visitor = lab.visitor()
  const url = `${lab.origins.notes}/api`
  const cases: readonly (readonly [method: string, headers: Record<string, string>])[] = [
    ['GET', {}],
    ['GET', { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['GET', { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['HEAD', { accept: 'text/html' }],
    ['POST', { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ]
  for (const [method, headers] of cases) {
    const answer = await visitor.send(url, { method, headers })
    assert.deepEqual(
      [answer.status, answer.headers['set-cookie']],
      [401, undefined],
      `${method} ${JSON.stringify(headers)}`,
    )
  }
})

test('the way in is for whole tabs: no frame and no script has a ticket made', async () => {
  const visitor = await visitorAs('ada')
  const entry = locationOf(await visitor.open(`${lab.origins.notes}/`)).href
  const others = [
    { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  ]
  for (const headers of others) assert.equal((await visitor.open(entry, headers)).status, 403, JSON.stringify(headers))
  assert.equal((await visitor.open(entry)).status, 303)
})

test('a new arrival ends what the browser had there before', async () => {
  const visitor = await visitorAs('ada')
  const { notes } = lab.origins
  await visitor.travel(`${notes}/`)
  const old = visitor.cookies(notes).get('__Host-gatehouse-host') ?? assert.fail()
  await visitor.open((await toTicketAgain(visitor, `${notes}/`)).href)
  const renewed = visitor.cookies(notes).get('__Host-gatehouse-host')
  assert.notEqual(renewed, old)
  const thief = lab.visitor()
  const ask = (value: string | undefined) =>
    thief.send(`${notes}/`, { headers: { cookie: `__Host-gatehouse-host=${value}` } })
  assert.equal((await ask(old)).status, 401)
  assert.equal((await ask(renewed)).status, 200)
})

/** From a page of the portal that was left open: the host has a cookie already. */
async function toTicketAgain(visitor: Visitor, url: string): Promise<URL> {
  const mark = visitor.cookies(new URL(url).origin)
  const kept = mark.get('__Host-gatehouse-host') ?? ''
  mark.delete('__Host-gatehouse-host')
  const ticket = await toTicket(visitor, url)
  mark.set('__Host-gatehouse-host', kept)
  return ticket
}

test('a way in leads to paths of that host and nowhere else', async () => {
  const visitor = await visitorAs('ada')
  const { gate, notes } = lab.origins
  const entry = locationOf(await visitor.open(`${notes}/`))
  const hostile = [
    '//evil.test/',
    '/\\evil.test/',
    '\\\\evil.test',
    'https://evil.test/',
    'evil.test',
    '',
    '/x/../../y',
    '/%2e%2e/x',
    '/.//evil.test',
    '/a\r\nset-cookie: x=y',
    '/a b',
    '/\tx',
    '/#x',
    'javascript:alert(1)',
    '/auth/arrive?ticket=x',
    '/auth/arrive/',
    '/\u2028',
  ]
  for (const path of hostile) {
    entry.searchParams.set('path', path)
    const answer = await visitor.open(entry.href)
    assert.deepEqual([answer.status, answer.headers.location], [404, undefined], JSON.stringify(path))
  }
  const wrong = [
    { host: 'evil.test' },
    { host: hostNames.notes.toUpperCase() },
    { host: `${hostNames.notes}.` },
    { host: new URL(notes).host },
    { host: new URL(gate).hostname },
    { challenge: '' },
    { challenge: 'A'.repeat(42) },
    { challenge: `${'A'.repeat(42)}B` },
  ]
  for (const changes of wrong) {
    const url = locationOf(await visitor.open(`${notes}/`))
    for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value)
    assert.equal((await visitor.open(url.href)).status, 404, JSON.stringify(changes))
  }
})

test('an address that is too long for the way is shortened to the root', async () => {
  const visitor = await visitorAs('ada')
  const there = await visitor.travel(`${lab.origins.notes}/${'x'.repeat(2000)}`)
  assert.deepEqual([there.status, there.url], [200, `${lab.origins.notes}/`])
})

test('an arrival is written down, and no log line holds a ticket', async () => {
  const visitor = await visitorAs('ada')
  const ticket = await toTicket(visitor, `${lab.origins.notes}/`)
  await visitor.open(ticket.href)
  const secret = ticket.searchParams.get('ticket') ?? assert.fail()
  const arrival = lab.gateway.logs.findLast(({ event }) => event === 'session_host')
  assert.equal(arrival?.host, hostNames.notes)
  assert.ok(!JSON.stringify(lab.gateway.logs).includes(secret))
})
