// The APIs of two hubs at the same time: each gets the person's own token for it, and nothing gets from one to the other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject } from '../support/gitlab/projects.ts'
import type { TestAnswer } from '../support/http-client.ts'
import { type HubName, startHubsLab } from './hubs-lab.ts'

const names = ['freiburg', 'tuebingen'] as const satisfies readonly HubName[]

test('log in at one hub, connect the other, call both', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = await lab.logIn('ada', 'freiburg')
  const before = await ada.get('/hubs/tuebingen/api/v4/user')
  assert.deepEqual([before.status, (before.json() as { code: string }).code], [403, 'credential.missing'])
  assert.equal((await ada.connect('ada', 'tuebingen')).status, 303)

  const users = await Promise.all(names.map(async (name) => (await ada.get(`/hubs/${name}/api/v4/user`)).json()))
  assert.deepEqual(
    users.map((user) => (user as { id: number }).id),
    [101, 201],
  )
  for (const name of names) {
    const tokens = lab.hubs[name].requests.map(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? '')
    assert.ok(tokens.length > 0 && tokens.every((token) => lab.hubs[name].oauth.issued.has(token)), name)
  }
  assert.equal((await lab.browser().get('/hubs/freiburg/api/v4/user')).status, 401, 'a stranger has no token')
})

test('project 7 is another one at each hub', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  for (const name of names) {
    lab.hubs[name].projects[0]?.files.set('isa.txt', { sha256: '0', size: 1, text: `of ${name}` })
  }
  const ada = await lab.logIn('ada')
  await ada.connect('ada', 'tuebingen')
  const read = (name: HubName) => ada.get(`/hubs/${name}/api/v4/projects/7/repository/files/isa.txt/raw?ref=main`)
  const answers = await Promise.all(Array.from({ length: 40 }, (_none, index) => read(names[index % 2] ?? 'freiburg')))
  for (const [index, { status, text }] of answers.entries())
    assert.deepEqual([status, text], [200, `of ${names[index % 2]}`])

  const mallory = await lab.logIn('mallory')
  assert.equal((await mallory.get('/hubs/freiburg/api/v4/projects/7')).status, 404, 'the hub decides by her own token')
})

test('pagination headers arrive as they are, also where lists are too long to be counted', {
  timeout: 60_000,
}, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  freiburg.projects.push(
    ...Array.from({ length: 44 }, (_none, index) => createProject(100 + index, `plants/p${index}`, [101])),
  )
  const ada = await lab.logIn('ada')
  const path = '/hubs/freiburg/api/v4/projects?page=2&per_page=20&min_access_level=30'
  const answer = await ada.get(path)
  assert.equal(answer.status, 200)
  const direct = await askDirectly(freiburg.url, path.slice('/hubs/freiburg'.length), freiburg.requests.at(-1)?.headers)
  assert.deepEqual(paginationOf(answer), direct)
  assert.deepEqual(
    [answer.headers['x-total-pages'], answer.headers['x-total'], answer.headers['x-next-page']],
    ['3', '45', '3'],
  )
  assert.equal(freiburg.requests[0]?.target, '/api/v4/projects?page=2&per_page=20&min_access_level=30')

  const head = await ada.send(path, { method: 'HEAD' })
  assert.deepEqual([head.status, head.text, head.headers['x-total-pages']], [200, '', '3'])

  freiburg.isHuge = true
  const uncounted = await ada.get(path)
  assert.deepEqual(
    [uncounted.status, uncounted.headers['x-total-pages'], uncounted.headers['x-next-page']],
    [200, undefined, '3'],
  )
})

test('encoded paths reach the hub byte for byte', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  const ada = await lab.logIn('ada')
  const paths = [
    'projects/plants%2Froots%2Fbarley',
    'projects/plants%2froots%2fbarley?statistics=true',
    'projects/7/repository/files/assays%2Fa%20b%2F%C3%BC%23%3F%26.txt?ref=feature%2Fx',
    'projects/7/repository/files/assays%2F100%25.txt/raw?ref=main',
    'projects/7/repository/tree?path=assays%2Fa%20b&recursive=true&per_page=100',
    'projects/7/repository/files/a+b(c)!*%27.txt?ref=a+b',
  ]
  for (const path of paths) {
    await ada.get(`/hubs/freiburg/api/v4/${path}`)
    assert.equal(freiburg.requests.at(-1)?.target, `/api/v4/${path}`)
  }
  assert.equal((await ada.get(`/hubs/freiburg/api/v4/${paths[0]}`)).status, 200)

  const arrived = () => [...freiburg.calls.values()].reduce((sum, times) => sum + times, 0)
  const before = arrived()
  const traversals = [
    'projects/../../oauth/token',
    'projects/%2e%2e/user',
    'projects/7/..%2F..%2Fuser',
    '..%2f..%2foauth',
    'a/%252e%252e/b',
    'a%5cb',
  ]
  for (const path of traversals) {
    assert.equal((await ada.get(`/hubs/freiburg/api/v4/${path}`)).status, 400, path)
  }
  for (const path of [
    '/hubs/freiburg/oauth/token',
    '/hubs/freiburg/',
    '/hubs/freiburg/-/profile',
    '/hubs/freiburg/api/v3/user',
    '/hubs/other/api/v4/user',
  ])
    assert.equal((await ada.get(path)).status, 404, path)
  assert.equal(arrived(), before, 'nothing of it has left')
})

test('nothing by which a hub could take a request for somebody else’s goes on, and none of its cookies come back', {
  timeout: 60_000,
}, async () => {
  await using lab = await startHubsLab()
  const ada = await lab.logIn('ada')
  const answer = await ada.get('/hubs/freiburg/api/v4/user', {
    'private-token': 'CANARY',
    'job-token': 'CANARY',
    sudo: 'root',
    authorization: 'Basic CANARY',
    'x-gitlab-token': 'CANARY',
    cookie: `${ada.cookieHeader()}; _gitlab_session=CANARY; logged_in=true`,
    'if-none-match': '"x"',
  })
  assert.equal(answer.status, 200)
  const sent = lab.hubs.freiburg.requests.at(-1)?.headers ?? {}
  assert.doesNotMatch(JSON.stringify(sent), /CANARY|root|logged_in/)
  assert.deepEqual([sent['if-none-match'], sent.cookie], ['"x"', undefined])
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('429 comes with what the hub says about waiting; its other troubles as they are', {
  timeout: 60_000,
}, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  const ada = await lab.logIn('ada')
  freiburg.instead = () => ({
    status: 429,
    headers: { 'retry-after': '37', 'ratelimit-remaining': '0', 'content-type': 'text/plain' },
    body: 'Retry later\n',
  })
  const limited = await ada.get('/hubs/freiburg/api/v4/user')
  assert.deepEqual(
    [limited.status, limited.headers['retry-after'], limited.headers['ratelimit-remaining'], limited.text],
    [429, '37', '0', 'Retry later\n'],
  )
  assert.equal(freiburg.requests.length, 1, 'it is not asked again')
  for (const status of [502, 503, 504]) {
    freiburg.instead = () => ({ status, headers: { 'retry-after': '5' }, body: 'away' })
    const answer = await ada.get('/hubs/freiburg/api/v4/user')
    assert.deepEqual([answer.status, answer.headers['retry-after']], [status, '5'])
  }
  await freiburg.close()
  assert.equal((await ada.get('/hubs/freiburg/api/v4/user')).status, 502)
})

test('a hub that takes long keeps nobody else waiting', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  const [ada, grace] = await Promise.all([lab.logIn('ada'), lab.logIn('grace')])
  const held = Promise.withResolvers<undefined>()
  const arrived = Promise.withResolvers<void>()
  freiburg.instead = ({ target }) => {
    if (!target.endsWith('/slow')) return undefined
    arrived.resolve()
    return held.promise
  }
  const slow = ada.get('/hubs/freiburg/api/v4/projects/slow')
  await arrived.promise
  const answers = await Promise.all(Array.from({ length: 20 }, () => grace.get('/hubs/freiburg/api/v4/user')))
  assert.ok(answers.every(({ status }) => status === 200))
  held.resolve(undefined)
  assert.equal((await slow).status, 404)
})

async function askDirectly(url: string, path: string, headers: Readonly<Record<string, unknown>> = {}) {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: String(headers.authorization) } })
  return Object.fromEntries([...answer.headers].filter(([name]) => PAGINATION.test(name)))
}

const PAGINATION = /^(?:link|x-(?:next-page|page|per-page|prev-page|total|total-pages))$/

const paginationOf = ({ headers }: TestAnswer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => PAGINATION.test(name)))
