// An endpoint is withdrawn while requests are on their way to it: none is lost, and none goes to it any more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entries, Etcd } from '#etcd'
import { Secret } from '#kernel'
import type { Credential } from '#sessions'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../test/support/start-proxy.ts'

/** What is under one prefix, as the test says. */
function announcements(...urls: readonly string[]) {
  const toEntries = (those: readonly string[]): Entries => new Map(those.map((url, index) => [`/m/${index}`, url]))
  const listeners = new Set<(entries: Entries) => void>()
  let entries = toEntries(urls)
  const etcd: Etcd = {
    watch: (prefix) => ({
      prefix,
      get entries() {
        return entries
      },
      failure: undefined,
      tried: Promise.resolve(),
      onChange(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      stop: () => {},
    }),
  }
  const announce = (...next: readonly string[]): void => {
    entries = toEntries(next)
    for (const listener of listeners) listener(entries)
  }
  return { etcd, announce }
}

const discover = { type: 'etcd', prefix: '/m/' }

test('a request that is still being signed for it goes to another, signed for that', async () => {
  await using a = await startRecordingUpstream(() => ok('a'))
  await using b = await startRecordingUpstream(() => ok('b'))
  const { etcd, announce } = announcements(a.url)
  const asked = Promise.withResolvers<void>()
  const token = Promise.withResolvers<Credential>()
  await using proxy = await startProxy({
    upstreams: [{ discover, sign: { type: 'bearer', credential: 'sso' } }],
    principal: ada,
    etcd,
    credential: () => {
      asked.resolve()
      return token.promise
    },
  })
  const answer = fetch(`${proxy.url}/api/m/x`)
  await asked.promise
  announce(b.url)
  token.resolve({ kind: 'oauth', accessToken: new Secret('TOKEN') })
  assert.equal(await (await answer).text(), 'b')
  assert.equal(a.requests.length, 0)
  assert.deepEqual((await b.request(0)).all('host'), [`127.0.0.1:${b.port}`])
})

test('what waits for it is still sent, and what it has not finished is; then its connections are closed', async () => {
  const mayAnswer = Promise.withResolvers<void>()
  await using a = await startRecordingUpstream(async () => {
    await mayAnswer.promise
    return ok('a')
  })
  await using b = await startRecordingUpstream(() => ok('b'))
  const { etcd, announce } = announcements(a.url)
  await using proxy = await startProxy({ upstreams: [{ discover, connections: 1 }], etcd })
  const answers = [fetch(`${proxy.url}/api/m/1`), fetch(`${proxy.url}/api/m/2`)]
  await a.request(0)
  await proxy.until('upstream_endpoint_requests_in_flight', 2)
  announce(b.url)
  assert.equal(await (await fetch(`${proxy.url}/api/m/3`)).text(), 'b')
  assert.equal(await proxy.reading('upstream_endpoint_requests_in_flight'), 2)
  mayAnswer.resolve()
  assert.deepEqual(await Promise.all(answers.map(async (each) => (await each).text())), ['a', 'a'])
  await a.whenIdle()
})

test('nobody is left: what comes is 503 and says when to try again', async () => {
  const { etcd, announce } = announcements('http://127.0.0.1:1')
  await using proxy = await startProxy({ upstreams: [{ discover }], etcd })
  announce()
  const answer = await fetch(`${proxy.url}/api/m/x`)
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '10'])
  assert.equal(((await answer.json()) as { readonly code: string }).code, 'upstream.nowhere')
})
