// What keys in etcd say about endpoints, and what of it is believed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readMembers } from './discovery.ts'

const read = (announced: Readonly<Record<string, string>>, configured: readonly string[] = [], needsTls = false) =>
  readMembers(
    configured.map((url) => ({ url, weight: 1 })),
    new Map(Object.entries(announced)),
    { needsTls },
  )

const announced = (url: string, weight = 1) => ({ url, weight, isAnnounced: true })

test('an address, or a map with a weight in YAML or JSON', () => {
  const { members, refused } = read({
    '/m/a': 'http://a:1',
    '/m/b': '{"url":"http://b:1","weight":3}',
    '/m/c': 'url: https://c.example.org\nweight: 2\n',
    '/m/d': '  http://d:1\n',
  })
  assert.deepEqual(refused, [])
  assert.deepEqual(members, [
    announced('http://a:1'),
    announced('http://b:1', 3),
    announced('https://c.example.org', 2),
    announced('http://d:1'),
  ])
})

test('the configured ones stay, and what is announced twice is there once', () => {
  const { members, refused } = read(
    { '/m/a': '{ url: http://a:1, weight: 9 }', '/m/b': 'http://b:1', '/m/c': 'http://b:1/' },
    ['http://a:1'],
  )
  assert.deepEqual(refused, [])
  assert.deepEqual(members, [{ url: 'http://a:1', weight: 1 }, announced('http://b:1')])
})

test('what is no endpoint is named with its key and its reason, and the others are used', () => {
  const { members, refused } = read({
    '/m/1': '',
    '/m/2': 'up',
    '/m/3': 'http://user:hunter2@a:1',
    '/m/4': 'ftp://a:1',
    '/m/5': '{ url: http://a:1, weight: 0 }',
    '/m/6': '[http://a:1]',
    '/m/7': 'unix:/var/run/docker.sock',
    '/m/8': '{ url: http://a:1, wieght: 1 }',
    '/m/9': '"unclosed',
    '/m/good': 'http://good:1',
  })
  assert.deepEqual(members, [announced('http://good:1')])
  assert.equal(refused.length, 9)
  assert.doesNotMatch(JSON.stringify(refused), /hunter2/)
  const whyOf = (key: string) => refused.find((each) => each.key === key)?.why ?? ''
  assert.match(whyOf('/m/2'), /absolute and starts with/)
  assert.match(whyOf('/m/3'), /no user or password/)
  assert.match(whyOf('/m/7'), /another machine/)
})

test('all are the same service: the same path, and TLS where the upstream has it', () => {
  const paths = read({ '/m/a': 'http://a:1/v2', '/m/b': 'http://b:1/v1/' }, ['http://s:1/v1'])
  assert.deepEqual(
    paths.members.map(({ url }) => url),
    ['http://s:1/v1', 'http://b:1/v1/'],
  )
  assert.match(paths.refused[0]?.why ?? '', /its path is \/v2\/, and that of the others is \/v1\//)
  const schemes = read({ '/m/a': 'http://a:1', '/m/b': 'https://b:1' }, [], true)
  assert.deepEqual(
    schemes.members.map(({ url }) => url),
    ['https://b:1'],
  )
})

test('no endpoint is where only this machine, or its cloud, answers: link-local, unspecified and multicast addresses', () => {
  const addresses = [
    'http://169.254.169.254',
    'http://169.254.170.2:80',
    'http://0xa9.254.43518',
    'http://2852039166',
    'http://[::ffff:169.254.169.254]',
    'http://[fe80::1]:8080',
    'http://[fd00:ec2::254]',
    'http://0.0.0.0:8080',
    'http://[::]:8080',
    'http://224.0.0.1',
    'http://[ff02::1]',
    'http://255.255.255.255',
  ]
  const { members, refused } = read(Object.fromEntries(addresses.map((address, index) => [`/m/${index}`, address])))
  assert.deepEqual(members, [])
  for (const { why } of refused) assert.match(why, /no service is at an address such as/)
})

test('so many are taken and no more, however many are announced', () => {
  const announced = Array.from({ length: 50_000 }, (_, index) => [`/m/${index}`, `http://h${index}:1`])
  const began = performance.now()
  const { members, refused } = read(Object.fromEntries(announced), ['http://s:1'])
  assert.equal(members.length, 1000)
  assert.deepEqual(members[0], { url: 'http://s:1', weight: 1 })
  assert.equal(refused.length, 1)
  assert.match(refused[0]?.why ?? '', /more than 1000 endpoints: this one and those after it are left out/)
  const wrong = Array.from({ length: 50_000 }, (_, index) => [`/m/${index}`, 'nowhere'])
  assert.ok(read(Object.fromEntries(wrong)).refused.length <= 1001)
  assert.match(read({ '/m/a': '['.repeat(1_000_000) }).refused[0]?.why ?? '', /longer than/)
  assert.ok(performance.now() - began < 10_000)
})

test('whatever is written there, the configured ones stay and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.webUrl(), fc.json())), (announced) => {
      const { members, refused } = read(announced, ['http://s:1'])
      assert.deepEqual(members[0], { url: 'http://s:1', weight: 1 })
      assert.ok(members.length - 1 + refused.length <= Object.keys(announced).length)
    }),
    { numRuns: 30 },
  )
})
