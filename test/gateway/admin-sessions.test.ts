// Who is logged in, as administrators see it: everybody or one person, a page at a time, nothing that is of use as a
// credential. And ending it at one node ends it at the other within a second, with what is open there.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestClient } from '../support/http-client.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'
import { codeOf } from './token-lab.ts'

const SOON_MS = 1_000
const PATH = '/api/v1/admin/sessions'

interface Listed {
  readonly ref: string
  readonly current: boolean
  readonly createdAt: string
  readonly user: { readonly id: string; readonly username: string }
}

interface Page {
  readonly sessions: readonly Listed[]
  readonly next?: string
}

let stores: TestStores
let echo: EchoUpstream
let lab: Lab
let other: TestGateway
let grace: TestClient
let ada: readonly TestClient[]

before(async () => {
  stores = await openTestStores()
  echo = await startEchoUpstream()
  lab = await startLab({
    stores,
    config: { upstreams: [{ id: 'all', path: '/api/all/', to: echo.url, allow: ['authenticated'] }] },
  })
  const layers = lab.gateway.configFiles.map((file) => parse(readFileSync(file, 'utf8')))
  other = await startGateway({ config: [...layers, { server: { url: lab.url, listen: '127.0.0.1:0' } }], stores })
  ada = [await lab.logIn('ada'), await lab.logIn('ada'), await lab.logIn('ada')]
  await lab.logIn('mallory')
  grace = await lab.logIn('grace')
})
after(async () => {
  await other.close()
  await lab[Symbol.asyncDispose]()
  await echo.close()
  await stores[Symbol.asyncDispose]()
})

async function list(query = ''): Promise<Page> {
  const answer = await grace.get(`${PATH}${query}`)
  assert.equal(answer.status, 200, answer.text)
  return answer.json() as Page
}

/** All pages after one another. */
async function listAll(limit: number, user = ''): Promise<readonly (readonly Listed[])[]> {
  const pages: (readonly Listed[])[] = []
  let next: string | undefined
  do {
    const page = await list(`?limit=${limit}${user}${next === undefined ? '' : `&after=${next}`}`)
    pages.push(page.sessions)
    next = page.next
    assert.ok(pages.length < 50, 'in the end')
  } while (next !== undefined)
  return pages
}

const end = (ref: string, by = grace) => by.send(`${PATH}/${ref}`, { method: 'DELETE', headers: { origin: lab.url } })

test('everybody who is logged in, who logged in last first, in pages of any size', async () => {
  const { sessions, next } = await list()
  assert.equal(next, undefined)
  assert.deepEqual(
    sessions.map(({ user }) => user.username),
    ['grace', 'mallory', 'ada', 'ada', 'ada'],
  )
  const refs = sessions.map(({ ref }) => ref)
  assert.equal(new Set(refs).size, 5)
  for (const limit of [1, 2, 3, 4, 5]) {
    const pages = await listAll(limit)
    assert.ok(
      pages.slice(0, -1).every(({ length }) => length === limit),
      'full pages',
    )
    assert.deepEqual(
      pages.flat().map(({ ref }) => ref),
      refs,
      `${limit} at a time`,
    )
  }
  assert.deepEqual(
    sessions.map(({ current }) => current),
    [true, false, false, false, false],
  )
})

test('of one person alone, and nothing that would be of use as a credential', async () => {
  const id = (await lab.gateway.apis.access.users.find('local/ada'))?.id ?? assert.fail()
  const pages = await listAll(2, `&user=${id}`)
  assert.deepEqual(
    pages.map(({ length }) => length),
    [2, 1],
  )
  assert.ok(pages.flat().every(({ user }) => user.id === id))
  const { text } = await grace.get(PATH)
  for (const client of [...ada, grace]) {
    for (const part of client.cookieHeader().split(/[;=.]/)) assert.ok(part.length < 20 || !text.includes(part))
  }
  assert.deepEqual(Object.keys(pages[0]?.[0] ?? {}).toSorted(), FIELDS)
  assert.equal(codeOf(await grace.get(`${PATH}?user=nobody`)), '404 access.userUnknown')
  assert.equal(codeOf(await grace.get(`${PATH}?after=x`)), '400 http.invalidInput')
})

const FIELDS = [
  'address',
  'authenticatedAt',
  'createdAt',
  'current',
  'device',
  'endsAt',
  'idleEndsAt',
  'lastSeenAt',
  'provider',
  'ref',
  'user',
  'userAgent',
]

test('hundreds who logged in later and are gone hide nobody', { timeout: 60_000 }, async () => {
  const { users } = lab.gateway.apis.access
  for (let number = 0; number < 450; number++) {
    const subject = `gone-${number}`
    await users.admit({
      provider: 'local',
      issuer: 'local',
      subject,
      username: subject,
      displayName: subject,
      groups: [],
    })
  }
  const [first = [], ...others] = await listAll(3)
  assert.deepEqual(first, [], 'a page of people without sessions says where it goes on')
  assert.equal(others.flat().length, 5)
})

test('what an administrator ends at one node is over at the other within a second', { timeout: 30_000 }, async () => {
  const [first = assert.fail()] = ada
  const url = other.listening[0] ?? ''
  const headers = { cookie: first.cookieHeader(), host: new URL(lab.url).host, origin: lab.url }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/all/socket`, { headers })
  await once(socket, 'open')
  const { sessions } = (await first.get('/api/v1/sessions')).json() as { sessions: Listed[] }
  const { ref } = sessions.find(({ current }) => current) ?? assert.fail()

  const since = performance.now()
  const closed = once(socket, 'close') as Promise<[number]>
  assert.equal((await end(ref)).status, 204)
  assert.equal((await closed)[0], 4401)
  assert.ok(performance.now() - since < SOON_MS)
  assert.equal((await first.get('/api/v1/sessions')).status, 401)
  assert.equal(codeOf(await end(ref)), '404 access.sessionUnknown', 'it is over already')
  const [entry] = await lab.gateway.apis.storage.audit.list({ limit: 1, action: 'session.end' })
  assert.equal(entry?.subject, ref)
  const { id } = (await lab.gateway.apis.access.users.find('local/grace')) ?? assert.fail()
  assert.equal(entry?.actor, id)
})

test('nobody but an administrator sees or ends what is somebody else’s', async () => {
  const [, second = assert.fail()] = ada
  const [{ ref } = assert.fail()] = (await listAll(3)).flat()
  assert.equal(codeOf(await second.get(PATH)), '403 access.refused')
  assert.equal(codeOf(await end(ref, second)), '403 access.refused')
  assert.equal((await grace.get('/api/v1/me')).status, 200)
})
